import {
  contentHashFrom,
  type EventBase,
  type EventFields,
  type HashedStart,
  hashedStart,
  type Micros,
  type OriginalRecord,
  type SecurityEvent,
  type SourceRef,
} from '../../model/index.ts'
import { type ProviderTable, WindowsFields } from './windows-fields.ts'
import { securityAuditing } from './windows-security.ts'
import {
  bits,
  classicPowerShellTable,
  databaseEngine,
  defender,
  dnsClient,
  localSessions,
  openSsh,
  powerShell,
  rdpClient,
  remoteConnections,
  shadowCopies,
  winrm,
  wmiActivity,
} from './windows-services.ts'
import { sysmon } from './windows-sysmon.ts'
import { classicEventLog, eventLogService, serviceControl, taskScheduler } from './windows-system.ts'

/** A Windows event under the names of its own XML, whatever export it came in. */
export interface WindowsRecord {
  readonly original: OriginalRecord
  readonly provider: string
  readonly channel: string
  readonly computer: string
  readonly eventId: string
  /** EventRecordID; undefined where the export leaves it out. */
  readonly recordId: number | undefined
  readonly time: Micros | undefined
  readonly alsoRecorded?: Readonly<Record<string, Micros>>
  /** Found in unused space. */
  readonly carved?: boolean
  /** Its values have lost their names, so that no mapping can find them. */
  readonly nameless?: boolean
}

/** Mappings by provider in lower case. An event number means nothing without its provider. */
const PROVIDERS: Readonly<Record<string, ProviderTable>> = {
  'microsoft-windows-security-auditing': securityAuditing,
  'microsoft-windows-sysmon': sysmon,
  'linux-sysmon': sysmon,
  'microsoft-windows-eventlog': eventLogService,
  eventlog: classicEventLog,
  'service control manager': serviceControl,
  'microsoft-windows-service control manager': serviceControl,
  powershell: classicPowerShellTable,
  'microsoft-windows-powershell': powerShell,
  powershellcore: powerShell,
  'microsoft-windows-terminalservices-localsessionmanager': localSessions,
  'microsoft-windows-terminalservices-remoteconnectionmanager': remoteConnections,
  'microsoft-windows-terminalservices-clientactivexcore': rdpClient,
  'microsoft-windows-taskscheduler': taskScheduler,
  'microsoft-windows-windows defender': defender,
  'microsoft-windows-bits-client': bits,
  'microsoft-windows-wmi-activity': wmiActivity,
  'microsoft-windows-winrm': winrm,
  'microsoft-windows-dns-client': dnsClient,
  esent: databaseEngine,
  'ntds isam': databaseEngine,
  vssaudit: shadowCopies,
  openssh: openSsh,
}

/** The provider of channels that have one, for exports that leave the provider out. */
const CHANNEL_PROVIDERS: Readonly<Record<string, string>> = {
  'microsoft-windows-sysmon/operational': 'microsoft-windows-sysmon',
  'linux-sysmon/operational': 'linux-sysmon',
  'windows powershell': 'powershell',
  'microsoft-windows-powershell/operational': 'microsoft-windows-powershell',
  'powershellcore/operational': 'powershellcore',
  'microsoft-windows-wmi-activity/operational': 'microsoft-windows-wmi-activity',
  'microsoft-windows-taskscheduler/operational': 'microsoft-windows-taskscheduler',
  'microsoft-windows-windows defender/operational': 'microsoft-windows-windows defender',
  'microsoft-windows-terminalservices-localsessionmanager/operational': 'microsoft-windows-terminalservices-localsessionmanager',
  'microsoft-windows-terminalservices-remoteconnectionmanager/operational':
    'microsoft-windows-terminalservices-remoteconnectionmanager',
  'microsoft-windows-bits-client/operational': 'microsoft-windows-bits-client',
}

/** The Security log has two providers whose numbers do not overlap: 1100-1108 are the event log service's. */
function providerOf(provider: string, channel: string, eventId: number): string {
  if (provider !== '') return provider
  if (channel === 'security') return eventId < 2000 ? 'microsoft-windows-eventlog' : 'microsoft-windows-security-auditing'
  return CHANNEL_PROVIDERS[channel] ?? ''
}

const CHANNEL_PRODUCTS: Readonly<Record<string, string>> = {
  security: 'security',
  system: 'system',
  'microsoft-windows-sysmon/operational': 'sysmon',
  'linux-sysmon/operational': 'sysmon',
  'windows powershell': 'powershell',
  'microsoft-windows-powershell/operational': 'powershell',
  'powershellcore/operational': 'powershell',
  'microsoft-windows-wmi-activity/operational': 'wmi',
  'microsoft-windows-taskscheduler/operational': 'task-scheduler',
  'microsoft-windows-windows defender/operational': 'defender',
}

/** The product of a Windows event by its provider and channel, both in lower case. */
export function productOf(provider: string, channel: string): string {
  if (provider === 'esent' || provider === 'ntds isam') return 'esent'
  if (channel === 'application') return 'application'
  const known = CHANNEL_PRODUCTS[channel]
  if (known) return known
  return channel.startsWith('microsoft-windows-terminalservices-') ? 'terminal-services' : 'windows'
}

/** Text of a message kept in the `message` column; the whole is in `original`. */
const MESSAGE_LENGTH = 512

function unmapped(fields: WindowsFields): EventFields<'other_activity'> {
  return {
    kind: 'other_activity',
    message: fields.summary(MESSAGE_LENGTH),
    user: fields.subject() || fields.first('User', 'UserName', 'AccountName'),
    srcIp: fields.address('IpAddress', 'SourceAddress', 'SourceIp', 'ClientAddress'),
    dstIp: fields.address('DestAddress', 'DestinationIp'),
    image: fields.first('Image', 'ProcessName', 'Application'),
  }
}

/** What follows from the names of provider, channel and computer alone. */
interface Origin {
  readonly names: Pick<WindowsRecord, 'provider' | 'channel' | 'computer'>
  readonly computer: string
  readonly channel: string
  readonly provider: string
  readonly series: string
  readonly product: string
  /** What the identity of a record begins with. */
  readonly identity: HashedStart
  /** Mappings of the provider; undefined when nobody wrote any, or the record leaves its provider out. */
  readonly table: ProviderTable | undefined
}

const tableOf = (provider: string) => (Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider] : undefined)

let lastOrigin: Origin | undefined

/** A log names the same provider, channel and computer thousands of times in a row. */
function originOf({ provider, channel, computer }: WindowsRecord): Origin {
  const last = lastOrigin?.names
  if (lastOrigin && last?.provider === provider && last.channel === channel && last.computer === computer) return lastOrigin
  const lower = { provider: provider.toLowerCase(), channel: channel.toLowerCase(), computer: computer.toLowerCase() }
  lastOrigin = {
    names: { provider, channel, computer },
    ...lower,
    series: `evtx|${lower.computer}|${lower.channel}`,
    product: productOf(lower.provider, lower.channel),
    identity: hashedStart(`${lower.computer}|${lower.channel}|`),
    table: tableOf(lower.provider),
  }
  return lastOrigin
}

/** The typed columns of a Windows event: by provider and event id, other_activity where nobody mapped it. */
export function mapWindows(record: WindowsRecord): EventFields {
  const eventId = record.nameless ? Number.NaN : Number(record.eventId)
  const { provider, channel, table } = originOf(record)
  const fields = new WindowsFields(record.original, eventId)
  const mapping = (provider === '' ? tableOf(providerOf(provider, channel, eventId)) : table)?.[eventId]
  return mapping ? mapping(fields) : unmapped(fields)
}

/** Milliseconds: what every export keeps of the time, so that the same record has one identity in all of them. */
const identityTime = (time: Micros | undefined) => (time === undefined ? '' : String(Math.floor(time / 1000)))

/** An event while it is put together. */
type Growing = EventFields & { -readonly [Name in keyof EventBase]?: EventBase[Name] }

/**
 * A whole event: common columns and typed ones. `hostIfUnsaid` is used where the record names no computer. Without a record number
 * the identity rests on the whole content and the time (a cleared log says the same words every time).
 */
export function windowsEvent(record: WindowsRecord, source: SourceRef, hostIfUnsaid = ''): SecurityEvent {
  const { computer, series, product, identity } = originOf(record)
  // The object of the mapping grows into the event: copying its columns into a new one costs as much as the mapping itself.
  const event = mapWindows(record) as Growing
  event.source = source
  event.time = record.time
  if (record.alsoRecorded) event.alsoRecorded = record.alsoRecorded
  event.host = computer || hostIfUnsaid.toLowerCase()
  event.series = series
  event.identity = contentHashFrom(identity, `${record.recordId ?? record.original.text()}|${identityTime(record.time)}`)
  event.product = product
  event.code = record.eventId
  event.original = record.original
  if (record.carved) event.carved = true
  return event as SecurityEvent
}
