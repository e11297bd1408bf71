import { canonicalAddress, type EventFields, type Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'

/** vsftpd.conf(5), vsftpd_log_file. */
const LINE =
  /^\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) \[pid (\d{1,10})\] (?:\[([^\]]{1,128})\] )?(?:(OK|FAIL) )?([A-Z]{3,12}): Client "([^"]{1,60})"(?:, (.*))?$/

const FILE_ACTIONS: Readonly<Record<string, string>> = {
  UPLOAD: 'create',
  DOWNLOAD: 'read',
  DELETE: 'delete',
  MKDIR: 'create',
  RMDIR: 'delete',
  RENAME: 'rename',
  CHMOD: 'permission',
}

/** Log of the FTP server vsftpd. */
export const reader: Reader = lineReader({
  format: 'vsftpd',
  title: 'FTP server log (vsftpd)',
  version: 1,
  about: {
    reads: 'The own log of vsftpd (`vsftpd_log_file`).',
    exported: 'Copy `/var/log/vsftpd.log*`.',
    shows: 'Log-ins and failed ones, files that were stored, fetched, renamed and deleted, with size and client.',
    cannotShow: 'What is in the files.',
    clock: 'Host never, zone never: give both. Year always.',
    builtFrom: 'real sample',
    checkedOn: 'a log of the plaso project.',
  },
  recognise: sample => scoreOfLines(sample, line => LINE.test(line), 95),
  open:
    ({ zone }) =>
    text => {
      const match = LINE.exec(text)
      if (!match) return undefined
      const [
        ,
        month = '',
        day = '',
        hour = '',
        minute = '',
        second = '',
        year = '',
        pid,
        user = '',
        result = '',
        verb = '',
        client = '',
        rest = '',
      ] = match
      const time = civilMicros({ year, month, day, hour, minute, second }, zone)
      return {
        time,
        code: verb,
        fields: meaningOf({ verb, result, user, srcIp: canonicalAddress(client), rest, pid: Number(pid) }),
      }
    },
})

interface FtpLine {
  readonly verb: string
  readonly result: string
  readonly user: string
  readonly srcIp: string
  readonly rest: string
  readonly pid: number
}

function meaningOf({ verb, result, user, srcIp, rest, pid }: FtpLine): EventFields {
  if (verb === 'LOGIN')
    return {
      kind: 'authentication',
      action: 'logon',
      outcome: result === 'OK' ? 'success' : 'failure',
      user,
      srcIp,
      protocol: 'ftp',
    }
  if (verb === 'CONNECT')
    return { kind: 'network_activity', action: 'open', protocol: 'tcp', srcIp, service: 'ftp', initiatorKnown: true }
  const action = FILE_ACTIONS[verb]
  if (action === undefined || result !== 'OK')
    return { kind: 'other_activity', message: `ftp ${verb.toLowerCase()} ${result.toLowerCase()} ${rest}`.trim(), user, srcIp }
  const path = /^"((?:[^"\\]|\\.)*)"/.exec(rest)?.[1] ?? ''
  const size = /, (\d{1,15}) bytes/.exec(rest)?.[1]
  return {
    kind: 'file_activity',
    action,
    path,
    user,
    srcIp,
    pid,
    image: 'vsftpd',
    ...(size === undefined ? {} : { size: Number(size) }),
  }
}
