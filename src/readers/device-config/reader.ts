import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  type Micros,
  microsFromIso,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { monthOf, type Zone } from '../carriers/clock.ts'
import { PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { sourceZone } from '../carriers/source-zone.ts'
import { fortiTree } from './fortios.ts'
import { indentedTree } from './indented.ts'
import { nvramTree } from './nvram.ts'
import { dialectOf } from './recognise.ts'
import { routerTree } from './routeros.ts'
import type { ConfigSection, ConfigTree, DeviceIdentity, Dialect, PlacedLine } from './tree.ts'

/**
 * The configuration of a router or firewall as text. It is read into one tree for all makers and handed over section by section as
 * `device_config` with action `state`: what is set, not that somebody set it. The first event is the device itself (attribute `device`).
 */
export const reader: Reader = {
  format: 'device-config',
  title: 'configuration of a router or firewall (IOS, ASA, FortiOS, RouterOS, NVRAM)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'Running and saved configurations of Cisco IOS and its kin, ASA, FortiOS and RouterOS as text, and key=value settings of home routers.',
    exported:
      '`show running-config`, `show full-configuration`, `/export`, `nvram show`; archives of RANCID and Oxidized as they are. Binary backups are not read.',
    shows:
      'What is set: remote management, accounts, forwarded ports, tunnels, logging, scripts; what changed between two saves of one device.',
    cannotShow: 'What is only in the memory of the device; who changed it, where the file does not say.',
    clock: 'Host by the name in the configuration; when it was written where its first lines say so.',
    builtFrom: 'documentation',
    checkedOn: "configurations made after the makers' documentation, not on those of real devices.",
  },
  recognise: ({ encoding, lines }: EvidenceSample) => (encoding === undefined ? 0 : (dialectOf(lines)?.score ?? 0)),
  read,
}

/** More text than the configuration of the largest router (a full table of static routes has 30 MB). */
const MAX_CHARACTERS = 64 << 20
const MAX_SECTIONS = 300_000
/** What of one section is kept; certificates and keys are longer and say nothing. */
const MAX_SECTION_TEXT = 8_192
/** The overview that rules about what is missing look into. */
const MAX_OVERVIEW = 1 << 20

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const zone = sourceZone(part, diagnostics)
  const lines: PlacedLine[] = []
  let length = 0
  for (const { text, number, offset, cut } of part.lines()) {
    length += text.length
    if (length > MAX_CHARACTERS || cut) {
      diagnostics.once(
        { number, offset },
        {
          code: 'device-config/too-large',
          level: 'error',
          message: 'the configuration is longer than any we know; only its beginning was read',
        },
      )
      break
    }
    lines.push({ text: text.replace(/\r$/, ''), number, offset })
  }
  const tree = treeOf(lines)
  if (!tree) {
    diagnostics.once(
      { number: 1, offset: part.start },
      { code: 'device-config/unreadable', level: 'error', message: 'no section of a configuration was found' },
    )
    diagnostics.finish()
    return
  }
  emit(tree, part, zone, sink, diagnostics)
  diagnostics.finish()
}

const TREES: Readonly<Record<Dialect | 'indented', (lines: readonly PlacedLine[]) => ConfigTree>> = {
  indented: indentedTree,
  ios: indentedTree,
  asa: indentedTree,
  fortios: fortiTree,
  routeros: routerTree,
  nvram: nvramTree,
}

function treeOf(lines: readonly PlacedLine[]): ConfigTree | undefined {
  const told = lines
    .slice(0, 200)
    .map(line => line.text)
    .filter(text => text !== '')
    .slice(0, 50)
  const dialect = dialectOf(told)?.dialect
  const tree = dialect === undefined ? undefined : TREES[dialect](lines)
  return tree && tree.sections.length > 0 ? tree : undefined
}

function emit(
  { device, sections }: ConfigTree,
  part: EvidencePart,
  zone: Zone,
  sink: EventSink,
  diagnostics: PartDiagnostics,
): void {
  const host = device.hostname.toLowerCase() || part.facts.host?.toLowerCase() || ''
  const base = {
    kind: 'device_config',
    action: 'state',
    host,
    // Two saves of one device are two states, not two copies of the same records.
    series: `device-config|${part.evidence}`,
    product: 'device-config',
    code: device.dialect,
  } as const
  const kept = sections.slice(0, MAX_SECTIONS)
  if (kept.length < sections.length)
    diagnostics.once(
      { offset: 0 },
      { code: 'device-config/too-large', level: 'error', message: `${sections.length - kept.length} sections are left out` },
    )
  const time = changedAt(device, zone)
  const fileDate = dateInPath(part.path)
  const described = [device.vendor, device.model, device.version].filter(text => text !== '').join(' ')
  sink.event({
    ...base,
    source: { evidence: part.evidence, record: 0, offset: 0 },
    time,
    ...alsoRecorded({ fileName: fileDate, modified: part.facts.modified }),
    user: device.changedBy,
    object: 'device',
    attribute: 'device',
    command: described,
    identity: contentHash(`${part.path}|device|${described}`),
    original: originalFields(
      { ...device, path: '', name: '', sections: String(sections.length), overview: overviewOf(kept) },
      JSON.stringify({ ...device, sections: sections.length }),
    ),
  })
  for (const section of kept) {
    const path = section.path.join(' ')
    sink.event({
      ...base,
      source: { evidence: part.evidence, record: section.line, offset: section.offset },
      // What is set has no time of its own; when the file was written is the device's.
      time: undefined,
      object: [path, section.name]
        .filter(text => text !== '')
        .join(' ')
        .slice(0, 500),
      attribute: path.slice(0, 200),
      command: section.text.slice(0, MAX_SECTION_TEXT),
      identity: contentHash(`${section.line}|${section.text}`),
      original: originalFields(
        { ...Object.fromEntries(section.settings), '(path)': path, '(name)': section.name, '(dialect)': device.dialect },
        section.text.slice(0, MAX_SECTION_TEXT),
      ),
    })
  }
}

function alsoRecorded(times: Readonly<Record<string, Micros | undefined>>): {
  readonly alsoRecorded?: Readonly<Record<string, Micros>>
} {
  const known: Record<string, Micros> = {}
  for (const [name, time] of Object.entries(times)) if (time !== undefined) known[name] = time
  return Object.keys(known).length === 0 ? {} : { alsoRecorded: known }
}

/** The last date in a path: "backup/2023-08-15/gw01.cfg", "gw01-20230815.conf"; archives of configurations are named so. */
function dateInPath(path: string): Micros | undefined {
  const found = [...path.slice(-1_000).matchAll(/(?<!\d)(20\d\d)([-_.]?)([01]\d)\2([0-3]\d)(?!\d)/g)].at(-1)
  return found && microsFromIso(`${found[1]}-${found[3]}-${found[4]}T00:00:00Z`)
}

function overviewOf(sections: readonly ConfigSection[]): string {
  const texts: string[] = []
  let length = 0
  for (const { text } of sections) {
    length += Math.min(text.length, MAX_SECTION_TEXT)
    if (length > MAX_OVERVIEW) break
    texts.push(text.slice(0, MAX_SECTION_TEXT))
  }
  return texts.join('\n')
}

/** "2023 Aug 15 05:34:25 UTC", "2023 aug 15 05:34:25", "2023-08-15 05:34:25". */
function changedAt({ changed }: DeviceIdentity, zone: Zone): Micros | undefined {
  const match = /^(\d{4})[ -](\w+)[ -](\d{1,2}) (\d\d):(\d\d):(\d\d)(?: (\S+))?$/.exec(changed)
  if (!match) return undefined
  const [, year, month = '', day, hour, minute, second, word = ''] = match
  const civil = {
    year: Number(year),
    month: /^\d+$/.test(month) ? Number(month) : monthOf(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  }
  if (/^(?:UTC|GMT|Z)$/.test(word)) {
    const pad = (value: number) => String(value).padStart(2, '0')
    return microsFromIso(
      `${civil.year}-${pad(civil.month)}-${pad(civil.day)}T${pad(civil.hour)}:${pad(civil.minute)}:${pad(civil.second)}Z`,
    )
  }
  return zone.microsOf(civil)
}
