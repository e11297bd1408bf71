import type { OriginalRecord } from '../../model/index.ts'

// Names of a Windows event's fields as Sigma's taxonomy flattens them, whatever the export.

/** Where Sigma and the event viewer use a shorter name than element_attribute. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  TimeCreated_SystemTime: 'TimeCreated',
  Security_UserID: 'UserID',
  Security_UserId: 'UserID',
}

/** Names that always mean the System part; a field of the same name elsewhere gets its section before it ("UserData_Channel"). */
const RESERVED = new Set(
  'EventID Version Level Task Opcode Keywords TimeCreated EventRecordID Channel Computer Provider_Name Provider_Guid UserID'.split(
    ' ',
  ),
)

/** Name of an element of System, or of an attribute of one. */
export function systemName(element: string, attribute?: string): string {
  const name = attribute === undefined ? element : `${element}_${attribute}`
  return SHORT_NAMES[name] ?? name
}

/** Name of a value of EventData or UserData: without spaces, as rules write it, and never one of System's. */
export function dataName(section: string, name: string): string {
  const plain = name.replaceAll(' ', '') || 'Data'
  return RESERVED.has(plain) ? `${section}_${plain}` : plain
}

/** Most unnamed values of one event that are joined; classic events have up to some forty. */
const MAX_JOINED = 1024

/** "Data" of a record with several unnamed values is all of them, a line each: rules for classic sources search in `Data`. */
export function joinedData(get: (name: string) => string | undefined): string | undefined {
  const items: string[] = []
  for (let number = 1; number <= MAX_JOINED; number++) {
    const item = get(`Data${number}`)
    if (item === undefined) break
    items.push(item)
  }
  return items.length > 0 ? items.join('\n') : undefined
}

/** Most fields one event may have; more is no event but an attack on memory. */
const MAX_FIELDS = 4096

/** Collects the fields of one event: a second field of a name becomes "name_2", unnamed values are numbered. */
export class EventFieldsBuilder {
  private readonly fields: Record<string, string> = Object.create(null)
  private readonly times = new Map<string, number>()
  private readonly unnamed: string[] = []
  private count = 0

  set(name: string, text: string | undefined): void {
    if (text === undefined || this.count >= MAX_FIELDS) return
    this.count += 1
    const times = (this.times.get(name) ?? 0) + 1
    this.times.set(name, times)
    this.fields[times === 1 ? name : `${name}_${times}`] = text
  }

  data(section: string, name: string, text: string | undefined): void {
    this.set(dataName(section, name), text)
  }

  addUnnamed(text: string | undefined): void {
    if (text !== undefined && this.unnamed.length < MAX_FIELDS) this.unnamed.push(text)
  }

  get(name: string): string | undefined {
    return this.fields[name]
  }

  finish(): Readonly<Record<string, string>> {
    const [only] = this.unnamed
    if (this.unnamed.length === 1) this.set('Data', only)
    else for (const [index, text] of this.unnamed.entries()) this.set(`Data${index + 1}`, text)
    return this.fields
  }
}

/** The original of an event whose fields are text already. */
export function originalOfFields(fields: Readonly<Record<string, string>>): OriginalRecord {
  const own = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined)
  return {
    get: name => own(name) ?? (name === 'Data' ? joinedData(own) : undefined),
    names: () => Object.keys(fields),
    text: () => JSON.stringify(fields),
  }
}
