import type { EvidenceSample, Reader } from '../../model/index.ts'
import { lineReader } from '../carriers/line-format.ts'
import { shareOfLines } from '../carriers/sample-share.ts'

/** crontab(5): five fields or a word with @, then, in system tables, the account, then the command. */
const FIELD =
  '(?:\\*|[\\d*,/-]+|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[\\w,/-]*)(?:/\\d+)?'
const SCHEDULE = new RegExp(
  `^\\s*(@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|${FIELD}(?:\\s+${FIELD}){4})\\s+(\\S.*)$`,
  'i',
)
const SETTING = /^\s*[A-Za-z_]\w*\s*=/
const CRON_PATH = /(?:^|[/!])(?:crontab|cron\.d\/[^/]+|(?:cron\/)?crontabs?\/[^/]+|spool\/cron\/[^/]+|anacrontab)$/i

/** Tables of one account lie in the spool; /etc/crontab and /etc/cron.d name the account in each line. */
function ownerOf(path: string): string | undefined {
  return /(?:^|[/!])(?:crontabs|spool\/cron|cron\/tabs)\/([^/]{1,64})$/.exec(path)?.[1]
}

/** Tables of cron: what runs when, and as whom. */
export const reader: Reader = lineReader({
  format: 'crontab',
  title: 'cron table',
  version: 1,
  product: 'cron',
  timeless: true,
  about: {
    reads: '/etc/crontab, files of /etc/cron.d, tables of accounts (spool/cron), output of `crontab -l`.',
    exported: 'Copy `/etc/crontab`, `/etc/cron.d/`, `/var/spool/cron/`.',
    shows: 'Which commands run when and as whom, at the time of the copy.',
    cannotShow: 'Who put them there and when; whether they ran (see [syslog](syslog.md)).',
    clock: 'Host never: give it. No times.',
    builtFrom: 'recorded',
    checkedOn: 'tables of Debian packages.',
  },
  recognise,
  open: ({ part }) => {
    const owner = ownerOf(part.path)
    const isSystem = owner === undefined && /(?:^|[/!])(?:crontab|cron\.d\/[^/]+)$/.test(part.path)
    return text => {
      if (/^\s*#/.test(text) || SETTING.test(text)) return 'passed over'
      const match = SCHEDULE.exec(text)
      if (!match) return undefined
      const [, schedule = '', rest = ''] = match
      const [, account = '', command = ''] = (isSystem ? /^(\S+)\s+(.*)$/.exec(rest) : null) ?? ['', owner ?? '', rest]
      return {
        time: undefined,
        identity: `${account}|${text}`,
        fields: { kind: 'scheduled_job_activity', action: 'found', name: schedule.replaceAll(/\s+/g, ' '), command, account },
      }
    }
  },
})

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined || !sample.lines.some(line => SCHEDULE.test(line))) return 0
  const share = shareOfLines(sample, line => /^\s*#/.test(line) || SETTING.test(line) || SCHEDULE.test(line))
  if (CRON_PATH.test(sample.path)) return share >= 0.5 ? 94 : 40
  return share >= 0.95 && shareOfLines(sample, line => SCHEDULE.test(line)) >= 0.2 ? 66 : 0
}
