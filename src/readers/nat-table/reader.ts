import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Line,
  MICROS_PER_SECOND,
  micros,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { protocolName } from '../meanings/flow.ts'
import { asa, ios, ledIn, type Published, publishedKey } from './cisco.ts'
import type { TableDialect } from './dialect.ts'
import { fortigateList, fortigateSessions } from './fortigate.ts'
import { conntrack } from './linux.ts'
import { pf } from './pf.ts'
import { routerOs } from './router-os.ts'
import type { End, StaticTranslation, TableRow, Translation } from './translation.ts'

const DIALECTS: readonly TableDialect[] = [conntrack, fortigateList, fortigateSessions, ios, asa, pf, routerOs]

/**
 * Connections and translations a firewall or router keeps in memory, as an operator printed them: who is behind an address of the device
 * is said by the device itself. A picture of one moment, mostly without a time.
 */
export const reader: Reader = {
  format: 'nat-table',
  title: 'table of connections and translations of a firewall or router',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'What devices print of their tables: Linux conntrack, Cisco IOS `show ip nat translations`, ASA `show xlate` and `show conn`, FortiOS session lists, pf states, RouterOS connections.',
    exported:
      '`conntrack -L` or a copy of /proc/net/nf_conntrack; `show ip nat translations`; `show xlate` and `show conn` into one file; `get system session list` or `diagnose sys session list`; `pfctl -ss -v`; `/ip firewall connection print detail`. Keep the prompt: it names the device.',
    shows: 'Which connection is led on to which machine at that moment, by the device itself: the strongest proof of a hop.',
    cannotShow:
      'What was over before; when it was printed (name the file after it); with IOS who opened a connection, unless a static row says it.',
    clock: 'Host by the prompt, else give it. No times but those of `conntrack -E -o timestamp`.',
    builtFrom: 'recorded',
    checkedOn:
      "the table of a Linux router with forwarded ports that we ran; the other devices' after their makers' documentation.",
  },
  recognise: ({ encoding, lines }: EvidenceSample) => (encoding === undefined ? 0 : (bestDialect(lines)?.score ?? 0)),
  read,
}

/** Two rows may look alike by chance; half of all lines do not. */
const LEAST_SHARE = 0.5
const CERTAIN = 94
/** No row is longer; what is, is none. */
const LONGEST_LINE = 2_000

function bestDialect(lines: readonly string[]): { readonly dialect: TableDialect; readonly score: number } | undefined {
  const told = lines.map(line => line.replace(/\r$/, '').slice(0, LONGEST_LINE)).filter(line => line !== '')
  let best: { readonly dialect: TableDialect; readonly own: number } | undefined
  for (const dialect of DIALECTS) {
    const rows = told.filter(line => dialect.begins(line)).length
    const own = rows === 0 ? 0 : told.filter(line => dialect.begins(line) || dialect.belongs(line) || hostOf(line) !== '').length
    if (own / Math.max(1, told.length) >= LEAST_SHARE && own > (best?.own ?? 0)) best = { dialect, own }
  }
  return best && { dialect: best.dialect, score: CERTAIN }
}

/** "gw01# show xlate", "gw01 (root) $ get system session list", "[admin@gw01] > /ip firewall connection print detail". */
function hostOf(line: string): string {
  const match =
    /^(?:\[[^@\]]{1,40}@([\w.-]{1,63})\]\s*>|(?:[\w.-]{1,40}@)?([\w.-]{1,63})(?:[\s:(][^#>$]{0,40})?\s*[#>$])\s*(?:sudo )?(?:show|get|diag|conntrack|cat|pfctl|\/ip|ip firewall|connection)/.exec(
      line,
    )
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase()
}

/** A carrier's translator keeps millions of rows; this is more than an operator prints. */
const MAX_ROWS = 2_000_000
/** Lines of one record; a session of FortiOS has about twenty. */
const MAX_RECORD_LINES = 60

interface Placed {
  readonly row: TableRow
  readonly text: string
  readonly line: Line
}

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  let dialect: TableDialect | undefined
  let host = part.facts.host?.toLowerCase() ?? ''
  const rows: Placed[] = []
  let open: { readonly line: Line; readonly texts: string[] } | undefined
  const close = () => {
    if (!open || !dialect) return
    const { line, texts } = open
    open = undefined
    const row = dialect.read(texts)
    if (row) rows.push({ row, text: texts.join('\n').slice(0, 8_192), line })
  }
  for (const line of part.lines()) {
    const whole = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text
    const text = whole.length > LONGEST_LINE ? excerptOf(whole) : whole
    if (text === '') continue
    const named = hostOf(text)
    if (named !== '' && part.facts.host === undefined) host = named
    dialect ??= DIALECTS.find(candidate => candidate.begins(text))
    if (dialect?.begins(text)) {
      close()
      if (rows.length >= MAX_ROWS) {
        diagnostics.once(place(line), { code: 'nat-table/too-large', level: 'error', message: `only ${MAX_ROWS} rows were read` })
        break
      }
      open = { line, texts: [text] }
    } else if (open && (dialect?.belongs(text) || /^\s/.test(text)) && open.texts.length < MAX_RECORD_LINES) open.texts.push(text)
    else {
      close()
      if (named === '' && !DIALECTS.some(candidate => candidate.belongs(text)))
        diagnostics.each(place(line), {
          code: 'nat-table/unreadable-line',
          level: 'note',
          message: `no row of a table of connections: ${excerptOf(text)}`,
        })
    }
  }
  close()
  if (dialect) emit(rows, dialect.name, host, part, sink)
  diagnostics.finish()
}

const place = ({ number, offset }: Line) => ({ number, offset })

function emit(rows: readonly Placed[], dialect: string, host: string, part: EvidencePart, sink: EventSink): void {
  const published: Published = new Map(
    rows.flatMap(({ row }) => (row.kind === 'static' ? [[publishedKey(row.protocol, row.real), row.seen] as const] : [])),
  )
  const series = `nat-table|${host}|${rotationStem(part.path)}`
  for (const { row, text, line } of rows) {
    const told = ledIn(row, dialect, published)
    sink.event({
      source: { evidence: part.evidence, record: line.number, offset: line.offset },
      time:
        told.kind === 'connection' && told.stamp !== undefined ? micros(Math.round(told.stamp * MICROS_PER_SECOND)) : undefined,
      host,
      series,
      identity: contentHash(text),
      product: 'nat-table',
      code: dialect,
      original: originalFields(fieldsOf(told), text),
      ...(told.kind === 'static' ? setting(told, text) : connection(told, host)),
    })
  }
}

const endText = ({ address, port }: End): string => (port === undefined ? address : `${address}:${port}`)

function fieldsOf(row: TableRow): Readonly<Record<string, string>> {
  if (row.kind === 'static') return { protocol: row.protocol, seen: endText(row.seen), real: endText(row.real) }
  const { protocol, src, dst, natSrc, natDst, state } = row
  return {
    protocol,
    src: endText(src),
    dst: endText(dst),
    natSrc: natSrc ? endText(natSrc) : '',
    natDst: natDst ? endText(natDst) : '',
    state,
  }
}

/** What is always translated is a setting: nobody need have gone that way. */
function setting(row: StaticTranslation, text: string): EventFields<'device_config'> {
  return {
    kind: 'device_config',
    action: 'state',
    object: `static translation ${endText(row.seen)}`,
    attribute: 'static translation',
    command: text.replace(/\s+/g, ' ').trim().slice(0, 300),
  }
}

function connection(row: Translation, host: string): EventFields<'network_activity'> {
  const { src, dst, natSrc, natDst } = row
  return {
    kind: 'network_activity',
    action: row.ended ? 'close' : 'open',
    protocol: protocolName(row.protocol),
    srcIp: src.address,
    srcPort: src.port,
    dstIp: dst.address,
    dstPort: dst.port,
    natSrcIp: natSrc?.address ?? '',
    natSrcPort: natSrc?.port,
    natDstIp: natDst?.address ?? '',
    natDstPort: natDst?.port,
    bytesOut: row.bytesOut,
    bytesIn: row.bytesIn,
    bytesTotal: row.bytesTotal,
    packetsOut: row.packetsOut,
    packetsIn: row.packetsIn,
    duration: row.age === undefined ? undefined : row.age * MICROS_PER_SECOND,
    state: row.state,
    sensor: host,
    initiatorKnown: row.openerKnown,
    bytesKind: 'ip',
  }
}
