import { type EvidencePart, type EvidenceSample, type Line, type Micros, micros, type Reader } from '../../model/index.ts'
import { accountOfPath } from '../carriers/account-of-path.ts'
import { leadingIso } from '../carriers/civil-time.ts'
import { type LineRecord, lineReader } from '../carriers/line-format.ts'
import { shareOfLines } from '../carriers/sample-share.ts'

/** gnu.org/software/bash/manual: HISTTIMEFORMAT puts "#seconds" before each command. */
const BASH_STAMP = /^#(\d{9,11})$/
/** zsh.sourceforge.io/Doc: EXTENDED_HISTORY writes ": begun:seconds;command". */
const ZSH_LINE = /^: {1,4}(\d{9,11}):\d{1,9};(.*)$/s
const HISTORY_NAME =
  /(?:^|[/!\\])(?:(?:\.|%2e)(?:bash|zsh|sh|ash|ksh|mksh|python|mysql|psql)?_?|[\w.-]{0,60}(?:bash|zsh|ksh|mksh|python|mysql|psql)_)(?:history|histfile)(?:[._-][\w-]{1,40})?(?:\.txt|\.gz)?$|(?:^|[/!\\])histfile$/i
/** What the command `history` prints, whose file anybody names: number, with HISTTIMEFORMAT a time, command. */
const NUMBERED = /^ {0,5}\d{1,6}\*? {2}(?:(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d) )?(.*)$/s
const PRINTED_NAME = /history[^/!\\]{0,60}$/i
const POWERSHELL_NAME = /(?:^|[/!\\])[\w.]{0,60}consolehost_history\.txt$|(?:^|[/!\\])visual studio code host_history\.txt$/i

/** Micros of seconds since 1970 as typed text. */
const timeOf = (seconds: string | undefined): Micros | undefined =>
  seconds === undefined ? undefined : micros(Number(seconds) * 1_000_000)

/** zsh's Src/utils.c (metafy): in its history a byte from 0x83 to 0xa2 stands as 0x83 and the byte with its sixth bit turned. */
const META = 0x83

/** A record of zsh as it was typed; letters beyond ASCII come out of decoding as broken ones, so that its bytes are read again. */
function unmetafied(text: string, { bytes, end }: EvidencePart, { offset }: Line): string {
  if (!/[\ufffd\u0083]/.test(text)) return text
  const lines = text.split('\n').length
  const raw = bytes.read(offset, Math.min(65_536, end - offset))
  const plain = new Uint8Array(raw.length)
  let length = 0
  let ended = 0
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] === 10 && ++ended === lines) break
    plain[length++] = raw[at] === META ? (raw[++at] ?? 0) ^ 32 : (raw[at] ?? 0)
  }
  return new TextDecoder().decode(plain.subarray(0, length))
}

/** A command that was typed: told like a program start, so that whoever looks at command lines sees it. */
function typed(command: string, time: Micros | undefined, user: string, shell: string, index: number): LineRecord {
  return {
    time,
    identity: `${user}|${time ?? index}|${command}`,
    code: shell,
    fields: {
      kind: 'process_activity',
      action: 'start',
      image: /^(?:\w+=\S* +)*(?:sudo +)?([^\s;|&]+)/.exec(command)?.[1] ?? '',
      commandLine: command,
      parentImage: shell,
      user,
    },
  }
}

const shellHistory = lineReader({
  format: 'shell-history',
  title: 'shell history (bash, zsh)',
  version: 3,
  timeless: true,
  about: {
    reads:
      'History files of bash, zsh, sh and ksh, with times (`HISTTIMEFORMAT`, `EXTENDED_HISTORY`) and without, and what the command `history` prints; commands over several lines where there are times.',
    exported: 'Copy `/root/.*history` and `/home/*/.*history`.',
    shows: 'What somebody typed, in order; the account from the path.',
    cannotShow:
      'When, unless times were switched on; whether a command worked; sessions that ended without writing it (`kill -9`, `unset HISTFILE`), and what was deleted from it.',
    clock: 'Host never: give it. Times are UTC where they are there at all.',
    builtFrom: 'real sample',
    checkedOn: 'bash histories of the plaso project, and the history of a zsh 5.9 of Debian.',
  },
  recognise: recogniseHistory,
  // A stamp, its command and what the command goes on with are one record; without stamps each line is a command of its own.
  continues: (text, before) =>
    !BASH_STAMP.test(text) && !ZSH_LINE.test(text) && (/^#\d{9,11}(?:\n|$)/.test(before) || before.endsWith('\\')),
  open: ({ part, zone }) => {
    const user = accountOfPath(part.path)
    let count = 0
    return (text, line) => {
      const [first = '', ...rest] = text.split('\n')
      const stamp = BASH_STAMP.exec(first)
      if (stamp) return rest.length === 0 ? 'passed over' : typed(rest.join('\n'), timeOf(stamp[1]), user, 'bash', ++count)
      const zsh = ZSH_LINE.exec(text)
      if (zsh) {
        const command = ZSH_LINE.exec(unmetafied(text, part, line))?.[2] ?? zsh[2] ?? ''
        return typed(command.replaceAll('\\\n', '\n'), timeOf(zsh[1]), user, 'zsh', ++count)
      }
      const [, printed, command = ''] = NUMBERED.exec(text) ?? []
      if (command !== '') return typed(command, leadingIso(printed ?? '', zone)?.time, user, 'sh', ++count)
      return typed(text, undefined, user, 'sh', ++count)
    }
  },
})

function recogniseHistory(sample: EvidenceSample): number {
  if (sample.encoding === undefined || sample.lines.length === 0) return 0
  const zsh = shareOfLines(sample, line => ZSH_LINE.test(line))
  if (zsh >= 0.8) return 93
  const stamps = shareOfLines(sample, line => BASH_STAMP.test(line))
  if (stamps >= 0.3) return 92
  if (HISTORY_NAME.test(sample.path)) return 72
  return PRINTED_NAME.test(sample.path) && shareOfLines(sample, line => NUMBERED.test(line)) >= 0.9 ? 88 : 0
}

const powershellHistory = lineReader({
  format: 'powershell-history',
  title: 'PowerShell history (ConsoleHost_history.txt)',
  version: 1,
  timeless: true,
  product: 'powershell',
  about: {
    reads: 'What PSReadLine keeps of PowerShell windows: one command a line, lines that end with a backtick go on.',
    exported:
      'Copy `C:\\Users\\*\\AppData\\Roaming\\Microsoft\\Windows\\PowerShell\\PSReadLine\\ConsoleHost_history.txt`; KAPE and Velociraptor collect it.',
    shows: 'What somebody typed in PowerShell, in order; the account from the path.',
    cannotShow:
      'When; sessions without a window (remote, `-NonInteractive`); lines with words such as password, which PSReadLine leaves out.',
    clock: 'Host never: give it. No times.',
    builtFrom: 'documentation',
    checkedOn: "files made after PSReadLine's documentation.",
  },
  recognise: sample => (sample.encoding !== undefined && POWERSHELL_NAME.test(sample.path) ? 90 : 0),
  open: ({ part }) => {
    const user = accountOfPath(part.path)
    let count = 0
    let begun = ''
    return text => {
      const line = begun + text
      if (text.endsWith('`') && line.length < 65_536) {
        begun = `${line.slice(0, -1)}\n`
        return 'passed over'
      }
      begun = ''
      return {
        time: undefined,
        identity: `${user}|${++count}|${line}`,
        code: 'history',
        fields: { kind: 'script_activity', engine: 'PowerShell', text: line, user, hostApplication: 'ConsoleHost' },
      }
    }
  },
})

/** Histories of shells: what was typed. */
export const readers: readonly Reader[] = [shellHistory, powershellHistory]
