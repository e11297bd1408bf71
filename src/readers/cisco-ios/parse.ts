import { leadingStamp, type Stamp } from '../carriers/syslog-envelope.ts'

/** One message of IOS, IOS XE, IOS XR or NX-OS (Cisco, "System Message Guide": %FACILITY-SUBFACILITY-SEVERITY-MNEMONIC: text). */
export interface IosLine {
  /** "PARSER-5-CFGLOG_LOGGEDCMD". */
  readonly code: string
  readonly message: string
  /** Device or address as a collector wrote it; '' when the line names none. */
  readonly host: string
  /** The device's own time where it writes one, else the collector's. */
  readonly stamp: Stamp | undefined
}

/** Facilities of ASA and its kin have a number where others have a word; those lines are another reader's. */
const TAG = /%((?!ASA-|FTD-|PIX-|FWSM-)[A-Z][A-Z0-9_]{1,31}(?:-[A-Z0-9_]{1,31}){0,2}-[0-7]-[A-Z][A-Z0-9_]{1,63}): ?/
/** Collector, sequence number, device time and name need no more. */
const LONGEST_PREFIX = 512
/** Priority, host, sequence number, two times and a zone. */
const MOST_WORDS = 10

/** Reads a line with any header before "%FACILITY-5-MNEMONIC: …"; undefined when it has no such tag or more than a header before it. */
export function parseIosLine(line: string): IosLine | undefined {
  const tag = TAG.exec(line.slice(0, LONGEST_PREFIX))
  if (!tag) return undefined
  const prefix = readPrefix(line.slice(0, tag.index))
  return prefix && { code: tag[1] ?? '', message: line.slice(tag.index + tag[0].length).trimEnd(), ...prefix }
}

/** [<PRI>] [time] [host] [sequence:] [.*][time [zone]]: in any order that devices and collectors make of them. */
function readPrefix(text: string): Pick<IosLine, 'host' | 'stamp'> | undefined {
  let rest = text.replace(/^<\d{1,3}>/, '')
  let stamp: Stamp | undefined
  let host = ''
  for (let words = 0; words < MOST_WORDS; words++) {
    rest = rest.replace(/^[\s:]+/, '')
    if (rest === '') return { host, stamp }
    // A clock that is not set or not synchronised is marked with "*" or ".".
    const stamped = leadingStamp(rest.replace(/^[*.]/, ''))
    if (stamped) {
      stamp = stamped.stamp
      rest = stamped.rest
      continue
    }
    const word = /^\S+/.exec(rest)?.[0] ?? ''
    rest = rest.slice(word.length)
    const name = word.replace(/:+$/, '')
    const isOther = /^\d+$/.test(name) || /^[A-Z]{3,5}$/.test(name)
    if (!/^[\w.:/()-]{1,255}$/.test(name) || (!isOther && host !== '')) return undefined
    if (!isOther) host = name
  }
  return undefined
}
