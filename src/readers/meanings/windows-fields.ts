import { canonicalAddress, type EventFields, type Micros, microsFromIso, type OriginalRecord } from '../../model/index.ts'

/** One Windows event under its own names, with the few readings of a value that every mapping needs. */
export class WindowsFields {
  readonly eventId: number
  private readonly original: OriginalRecord

  constructor(original: OriginalRecord, eventId: number) {
    this.original = original
    this.eventId = eventId
  }

  /** Text of a field; '' where it is absent or '-', which is how Windows writes "none". */
  text(name: string): string {
    const value = this.original.get(name)
    return value === undefined || value === '-' ? '' : value
  }

  /** First of several names that has a text: versions of one event differ in names. */
  first(...names: readonly string[]): string {
    for (const name of names) {
      const value = this.text(name)
      if (value !== '') return value
    }
    return ''
  }

  /** A number written decimal or 0x…; undefined where there is none. */
  number(...names: readonly string[]): number | undefined {
    const value = this.first(...names)
    if (!/^(?:\d+|0x[0-9a-f]+)$/i.test(value)) return undefined
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : undefined
  }

  /** An identifier such as a logon id: hexadecimal in lower case. */
  id(...names: readonly string[]): string {
    return this.first(...names).toLowerCase()
  }

  /** A process GUID without braces in lower case, so that exports that write it differently still agree. */
  guid(...names: readonly string[]): string {
    return this.first(...names)
      .toLowerCase()
      .replace(/[{}]/g, '')
  }

  address(...names: readonly string[]): string {
    return canonicalAddress(this.first(...names).replace(/^\\\\/, ''))
  }

  /** DOMAIN\name, or the name alone. */
  account(domain: string, name: string): string {
    const user = this.text(name)
    const realm = this.text(domain)
    return user && realm && !user.includes('\\') && !user.includes('@') ? `${realm}\\${user}` : user
  }

  /** The account Windows calls Subject: the one that did it. */
  subject(): string {
    return this.account('SubjectDomainName', 'SubjectUserName')
  }

  target(): string {
    return this.account('TargetDomainName', 'TargetUserName')
  }

  /** Time in a field ("2023-08-15 05:34:25.123"), as UTC. */
  time(name: string): Micros | undefined {
    return microsFromIso(this.text(name))
  }

  /** The rendered message, where the export carries it. */
  message(): string {
    return this.first('Message', 'RenderingInfo_Message')
  }

  /** Unnamed Data values in order, as classic sources write them. */
  data(): readonly string[] {
    const items: string[] = []
    for (let number = 1; number <= 64; number++) {
      const item = this.original.get(`Data${number}`)
      if (item === undefined) break
      items.push(item)
    }
    const single = items.length === 0 ? this.original.get('Data') : undefined
    return single === undefined ? items : [single]
  }

  /** Named fields, where there are, as "name=value" for a message nobody mapped. */
  summary(limit: number): string {
    const message = this.message()
    if (message) return message.slice(0, limit)
    let text = ''
    for (const name of this.original.names()) {
      if (isSystemPart(name)) continue
      const value = this.text(name)
      if (value) text += `${text ? '; ' : ''}${name}=${value}`
      if (text.length >= limit) break
    }
    return text.slice(0, limit)
  }
}

const SYSTEM_PART =
  /^(?:EventID|Version|Level|Task|Opcode|Keywords|TimeCreated|EventRecordID|Channel|Computer|UserID|(?:Provider|Execution|Correlation|EventID)_.*)$/

/** Names already looked at: a log has some hundred, a hostile one any number. */
const systemParts = new Map<string, boolean>()
const MAX_NAMES = 4096

function isSystemPart(name: string): boolean {
  let known = systemParts.get(name)
  if (known === undefined) {
    if (systemParts.size >= MAX_NAMES) systemParts.clear()
    known = SYSTEM_PART.test(name)
    systemParts.set(name, known)
  }
  return known
}

/** Gives the typed columns of one kind of Windows event. */
export type WindowsMapping = (event: WindowsFields) => EventFields

/** Mappings of one provider by event id. */
export type ProviderTable = Readonly<Record<number, WindowsMapping>>

/** IANA protocol numbers as Windows Filtering Platform events carry them. */
export function protocolName(number: string): string {
  return PROTOCOLS[number] ?? number.toLowerCase()
}

const PROTOCOLS: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmp6',
  '47': 'gre',
  '50': 'esp',
}

/** Is the object of an access event a process? */
export const isProcessObject = (type: string) => type === 'Process'
