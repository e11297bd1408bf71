import { canonicalAddress, type EventFields, type Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import { lineReader, scoreOfDatedLines } from '../carriers/line-format.ts'

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

const vsftpd: Reader = lineReader({
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
    checkedOn: 'a log of the plaso project, and the log of a vsftpd 3.0 of Debian.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => LINE.test(line), 95),
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

/** xferlog(5) of wu-ftpd, as vsftpd, ProFTPD and Pure-FTPd write it: time, seconds, client, bytes, file, type, action, direction, access, user … */
const TRANSFER =
  /^\w{3} (\w{3}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) (\d{1,9}) (\S{1,255}) (\d{1,15}) (.+) ([ab]) (?:[CUT]{1,3}|_) ([oid]) ([agr]) (.{1,255}) (\S{1,20}) [01] (\S{1,128})(?: ([ci]))?$/
const DIRECTIONS: Readonly<Record<string, string>> = { o: 'read', i: 'create', d: 'delete' }

const xferlog: Reader = lineReader({
  format: 'xferlog',
  title: 'FTP transfer log (xferlog)',
  version: 1,
  about: {
    reads: 'xferlog of vsftpd, ProFTPD, Pure-FTPd and wu-ftpd.',
    exported: 'Copy `/var/log/xferlog*`, with ProFTPD `/var/log/proftpd/xferlog*`.',
    shows: 'Files that were stored, fetched and deleted, with size, client and account, and whether the transfer was completed.',
    cannotShow: 'Log-ins, and transfers that were refused.',
    clock: 'Host never, zone never: give both. Year always. The time is that of the end of the transfer.',
    builtFrom: 'recorded',
    checkedOn: 'the log of a vsftpd 3.0 of Debian.',
    page: 'vsftpd',
  },
  recognise: sample => scoreOfDatedLines(sample, line => TRANSFER.test(line), 95),
  open:
    ({ zone }) =>
    text => {
      const match = TRANSFER.exec(text)
      if (!match) return undefined
      const [, month = '', day = '', hour = '', minute = '', second = '', year = '', , client = '', size, path = ''] = match
      const [, direction = '', , user = '', service = '', , completed] = match.slice(11)
      const srcIp = canonicalAddress(client)
      return {
        time: civilMicros({ year, month, day, hour, minute, second }, zone),
        code: completed === 'i' ? 'incomplete' : '',
        fields: {
          kind: 'file_activity',
          action: DIRECTIONS[direction] ?? direction,
          path,
          user,
          srcIp,
          size: Number(size),
          image: service,
        },
      }
    },
})

/** Logs of FTP servers. */
export const readers: readonly Reader[] = [vsftpd, xferlog]
