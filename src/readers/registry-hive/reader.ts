import { currentControlSet, Hive, type HiveKey, hiveFacts, hiveNumber, hiveText } from '../../evidence/index.ts'
import {
  contentHash,
  type EventFields,
  type EventSink,
  type EvidencePart,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { PartDiagnostics } from '../carriers/part-diagnostics.ts'

/** Registry hives: what of them shows persistence and relays. Format: github.com/libyal/libregf. */
export const reader: Reader = {
  format: 'registry-hive',
  title: 'Windows registry hive',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'SYSTEM (name and time zone of the machine, services and what they run, port proxies), SOFTWARE and NTUSER.DAT (Run and RunOnce, debuggers of programs), as files.',
    exported:
      'Copied by KAPE and Velociraptor; by hand `reg save HKLM\\SYSTEM system.hiv`. Give the .LOG1 and .LOG2 beside it, too.',
    shows:
      'Which programs start by themselves, which services there are, where ports are forwarded to (`netsh interface portproxy` leaves it here alone), and when each key was last changed.',
    cannotShow:
      'Who changed it; what a key held before; changes that lie only in its transaction logs (.LOG1, .LOG2), deleted keys, and all other keys: export those with `RECmd -f FILE`.',
    clock:
      'Host and zone of the machine are in SYSTEM, and serve the whole collection. Times are UTC: those of keys, not of values.',
    builtFrom: 'generated',
    checkedOn: 'hives that a program of ours writes; the same hives were read alike by hivexsh and reglookup of Debian.',
  },
  recognise: ({ head }) => (Buffer.from(head.subarray(0, 4)).toString('latin1') === 'regf' ? 95 : 0),
  read,
}

/** Services of one machine are some hundred; a hive with more is made to be read for ever. */
const MAX_RECORDS = 20_000
/** Types of services: bit 4 and 5 (own and shared process); others are drivers, which no service detector is about. */
const PROCESS_SERVICE = 0x30
const START: Readonly<Record<number, string>> = { 0: 'boot', 1: 'system', 2: 'auto', 3: 'demand', 4: 'disabled' }

function read(part: EvidencePart, sink: EventSink): void {
  const diagnostics = new PartDiagnostics(part, sink)
  const hive = Hive.open(part.bytes)
  if (!hive) return
  if (!hive.isClean())
    diagnostics.once(
      { offset: 0 },
      {
        code: 'registry-hive/not-written-out',
        level: 'note',
        message: 'the hive was copied while it was in use; its latest changes lie in its .LOG1 and .LOG2, which are not read',
        hint: 'Put them in with `rla -f FILE --out DIR` and give the result.',
      },
    )
  const facts = hiveFacts(hive)
  const host = part.facts.host?.toLowerCase() ?? facts?.host ?? ''
  let record = 0
  const tell = (key: HiveKey | undefined, fields: EventFields, original: Readonly<Record<string, string>>) => {
    if (record >= MAX_RECORDS) return
    record++
    sink.event({
      ...fields,
      source: { evidence: part.evidence, record, offset: 0 },
      time: key?.changed,
      host,
      series: `registry-hive|${host}|${part.path}`,
      identity: contentHash(`${part.path}|${key?.changed ?? ''}|${JSON.stringify(original)}`),
      product: 'registry',
      code: '',
      original: originalFields(original),
    })
  }
  tellHive(hive, facts, tell)
  const current = currentControlSet(hive)
  if (current) tellSystem(current, tell)
  const windows = hive.key('Microsoft')?.key('Windows')
  if (windows) {
    tellAutostart(hive.root(), 'HKLM\\SOFTWARE', tell)
    tellAutostart(hive.key('WOW6432Node'), 'HKLM\\SOFTWARE\\WOW6432Node', tell)
  }
  tellAutostart(hive.key('Software'), 'HKCU\\Software', tell)
  diagnostics.finish()
}

type Tell = (key: HiveKey | undefined, fields: EventFields, original: Readonly<Record<string, string>>) => void

function tellHive(hive: Hive, facts: ReturnType<typeof hiveFacts>, tell: Tell): void {
  const said = [
    ...(facts?.host === undefined ? [] : [`machine ${facts.host}`]),
    ...(facts?.zone === undefined ? [] : [`time zone ${facts.zone}`]),
  ]
  const root = hive.root()
  tell(
    undefined,
    { kind: 'other_activity', message: ['registry hive', ...said].join(', ') },
    { Root: root?.name ?? '', ComputerName: facts?.host ?? '', TimeZone: facts?.zone ?? '' },
  )
}

function tellSystem(current: HiveKey, tell: Tell): void {
  const services = current.key('Services')
  for (const service of services?.keys() ?? []) {
    const path = hiveText(service.value('ImagePath'))
    const type = hiveNumber(service.value('Type')) ?? 0
    if (path === '' || (type & PROCESS_SERVICE) === 0) continue
    const startType = START[hiveNumber(service.value('Start')) ?? -1] ?? ''
    const account = hiveText(service.value('ObjectName'))
    tell(
      service,
      { kind: 'service_activity', action: 'found', name: service.name, path, startType, account },
      { ServiceName: service.name, ImagePath: path, StartType: startType, AccountName: account },
    )
  }
  const proxies = services?.key('PortProxy')
  for (const family of proxies?.keys() ?? []) {
    const protocol = family.key('tcp')
    if (protocol) tellValues(protocol, `HKLM\\SYSTEM\\CurrentControlSet\\Services\\PortProxy\\${family.name}\\tcp`, tell)
  }
}

/** Run keys and what stands behind the name of another program, below SOFTWARE of the machine or of a user. */
function tellAutostart(software: HiveKey | undefined, path: string, tell: Tell): void {
  const microsoft = software?.key('Microsoft')
  const version = microsoft?.key('Windows')?.key('CurrentVersion')
  for (const name of ['Run', 'RunOnce']) {
    const key = version?.key(name)
    if (key) tellValues(key, `${path}\\Microsoft\\Windows\\CurrentVersion\\${name}`, tell)
  }
  const programs = microsoft?.key('Windows NT')?.key('CurrentVersion')?.key('Image File Execution Options')
  for (const program of programs?.keys() ?? []) {
    const debuggerOf = `${path}\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\${program.name}`
    tellValues(program, debuggerOf, tell, 'debugger')
  }
}

/** Every value of a key that is text, or the one called `only`. */
function tellValues(key: HiveKey, path: string, tell: Tell, only?: string): void {
  for (const value of key.values()) {
    const text = hiveText(value)
    if (text === '' || (only !== undefined && value.name.toLowerCase() !== only)) continue
    tell(
      key,
      { kind: 'registry_activity', action: 'set-value', key: path, valueName: value.name, value: text, image: '', user: '' },
      { EventType: 'SetValue', TargetObject: `${path}\\${value.name}`, Details: text },
    )
  }
}
