import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  fileNameOf,
  originalFields,
  type Reader,
} from '../../model/index.ts'

/** systemd.unit(5): sections and settings; a line that ends with a backslash goes on. */
const SECTION = /^\[(Unit|Service|Timer|Socket|Path|Install)\]\s*$/
/** Units are small; what is larger is another kind of file. */
const MAX_UNIT_BYTES = 262_144

/** Units of systemd: services, timers and sockets, and what they run. */
export const reader: Reader = {
  format: 'systemd-unit',
  title: 'systemd unit (service, timer)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'Unit files of systemd: .service, .timer, .socket, .path, and their drop-ins.',
    exported: 'Copy `/etc/systemd/system/`, `/lib/systemd/system/`, `/home/*/.config/systemd/user/`.',
    shows: 'Which program a service runs, as whom, and when a timer starts it, at the time of the copy.',
    cannotShow: 'Who put it there and when; whether it was switched on (a link in `*.wants`), whether it ran.',
    clock: 'Host never: give it. No times; the archive may say when the file was changed.',
    builtFrom: 'recorded',
    checkedOn: 'units of Debian packages.',
  },
  recognise,
  read,
}

function recognise({ encoding, lines, size }: EvidenceSample): number {
  if (encoding === undefined || size > MAX_UNIT_BYTES) return 0
  if (!lines.some(line => SECTION.test(line))) return 0
  const known = lines.filter(line => /^\s*[#;]|^\[[\w-]+\]\s*$|^[A-Z][A-Za-z0-9]{1,50}\s*=|\\$|^\s+\S/.test(line)).length
  return known >= lines.length * 0.9 ? 91 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const settings: Record<string, string> = Object.create(null)
  let section = ''
  let begun = ''
  for (const line of part.lines()) {
    const text = begun + line.text.trim()
    begun = ''
    if (/^[#;]/.test(text) || text === '') continue
    if (text.endsWith('\\') && text.length < 65_536) {
      begun = `${text.slice(0, -1)} `
      continue
    }
    section = SECTION.exec(text)?.[1] ?? section
    const pair = /^([A-Z][A-Za-z0-9]{1,50})\s*=\s*(.*)$/.exec(text)
    if (!pair) continue
    const name = `${section}.${pair[1]}`
    settings[name] = settings[name] === undefined ? (pair[2] ?? '') : `${settings[name]}; ${pair[2] ?? ''}`
  }
  const of = (name: string) => settings[name] ?? ''
  const path = ['ExecStart', 'ExecStartPre', 'ExecStartPost', 'ExecStop', 'ExecReload']
    .map(name => of(`Service.${name}`))
    .filter(Boolean)
    .join('; ')
  const host = part.facts.host?.toLowerCase() ?? ''
  const name = fileNameOf(part.path)
  const when = Object.entries(settings)
    .filter(([key]) => /^Timer\.On/.test(key))
    .map(([key, value]) => `${key.slice(6)}=${value}`)
    .join(' ')
  const common = {
    source: { evidence: part.evidence, record: 1, offset: 0 },
    time: undefined,
    host,
    series: `systemd-unit|${host}|${name}`,
    identity: contentHash(`${part.path}|${JSON.stringify(settings)}`),
    product: 'systemd',
    code: '',
    original: originalFields(settings),
  } as const
  if (when !== '')
    sink.event({
      ...common,
      kind: 'scheduled_job_activity',
      action: 'found',
      name,
      command: of('Timer.Unit') || name.replace(/\.timer$/, '.service') + ` (${when})`,
    })
  else
    sink.event({
      ...common,
      kind: 'service_activity',
      action: 'found',
      name,
      path,
      account: of('Service.User') || 'root',
      startType: of('Install.WantedBy'),
    })
}
