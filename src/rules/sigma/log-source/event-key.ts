import type { EventKind, SecurityEvent, UnmappedRecord } from '../../../model/index.ts'
import { variantOf, windowsVariant } from './variant.ts'

/** Everything a log source may ask of an event. There are few distinct ones in any evidence, so what follows from one is worked out once. */
export interface EventKey {
  readonly kind: EventKind
  readonly product: string
  readonly code: string
  /** Channel of a Windows event in lower case, of the record itself and never of the file it came in; '' for other logs. */
  readonly channel: string
  /** Provider of a Windows event in lower case, where the channel alone does not say what the event is; else ''. */
  readonly provider: string
  /** What product and code leave open: "key-added" of a registry event, program of a syslog message, type of a FortiGate record. */
  readonly variant: string
}

/** Channels of providers that write into one alone, for exports that leave the channel out. */
const CHANNEL_OF_PROVIDER: ReadonlyMap<string, string> = new Map([
  ['microsoft-windows-sysmon', 'microsoft-windows-sysmon/operational'],
  ['linux-sysmon', 'linux-sysmon/operational'],
  ['microsoft-windows-security-auditing', 'security'],
  ['powershell', 'windows powershell'],
  ['microsoft-windows-powershell', 'microsoft-windows-powershell/operational'],
  ['powershellcore', 'powershellcore/operational'],
  ['microsoft-windows-wmi-activity', 'microsoft-windows-wmi-activity/operational'],
  ['microsoft-windows-windows defender', 'microsoft-windows-windows defender/operational'],
  ['service control manager', 'system'],
])
const PRODUCT_OF_CHANNEL: ReadonlyMap<string, string> = new Map([
  ['microsoft-windows-sysmon/operational', 'sysmon'],
  ['linux-sysmon/operational', 'sysmon'],
  ['security', 'security'],
  ['system', 'system'],
  ['windows powershell', 'powershell'],
  ['microsoft-windows-powershell/operational', 'powershell'],
  ['powershellcore/operational', 'powershell'],
  ['microsoft-windows-wmi-activity/operational', 'wmi'],
  ['microsoft-windows-windows defender/operational', 'defender'],
])

/** More keys than any evidence has; beyond it, hostile evidence is keyed anew each time instead of filling the memory. */
const MAX_KEYS = 50_000

const known = new Map<string, EventKey>()
const channels = new Map<string, string>()

/** The key of an event; the same object for every event that is alike. */
export function eventKeyOf(event: SecurityEvent): EventKey {
  const { kind, series } = event
  let { product } = event
  let channel = channelOf(series)
  let provider = ''
  if (channel === '' ? series.startsWith('evtx|') : product === 'security') {
    provider = (event.original.get('Provider_Name') ?? '').toLowerCase()
    if (channel === '') {
      channel = CHANNEL_OF_PROVIDER.get(provider) ?? ''
      product = PRODUCT_OF_CHANNEL.get(channel) ?? product
    }
  }
  const variant = variantOf(event, product)
  const alike = keysOf(series, event.code)
  for (let index = 0; index < alike.length; index++) {
    const key = alike[index] as EventKey
    if (key.kind === kind && key.variant === variant && key.provider === provider && key.product === product) return key
  }
  const key = namedKey(event, product, channel, provider, variant)
  alike.push(key)
  return key
}

/** Keys met before by series and code: nearly always one, found without making the name of it. */
let bySeries = new Map<string, Map<string, EventKey[]>>()
let remembered = 0

function keysOf(series: string, code: string): EventKey[] {
  const found = bySeries.get(series)?.get(code)
  if (found && found.length < MAX_ALIKE) return found
  if (remembered++ >= MAX_KEYS) {
    bySeries = new Map()
    remembered = 0
  }
  const ofSeries = bySeries.get(series) ?? new Map<string, EventKey[]>()
  const alike: EventKey[] = []
  ofSeries.set(code, alike)
  bySeries.set(series, ofSeries)
  return alike
}

/** More than a code of Windows has variants; a log of more programs than that has keys made by their names now and then. */
const MAX_ALIKE = 32

function namedKey({ kind, code }: SecurityEvent, product: string, channel: string, provider: string, variant: string): EventKey {
  const name = `${kind}\n${product}\n${code}\n${channel}\n${provider}\n${variant}`
  const before = known.get(name)
  if (before) return before
  const key: EventKey = { kind, product, code, channel, provider, variant }
  if (known.size < MAX_KEYS) known.set(name, key)
  return key
}

/** Keys of records that have not become events, by channel, provider, code and variant. */
const unmappedKeys = new Map<string, Map<string, Map<string, EventKey>>>()
let unmappedCount = 0

/** Sysmon's event of a lookup. */
const SYSMON_LOOKUP = '22'

/**
 * The key of a record before it is an event. Of the kinds, which only the event would tell, no gate asks of a Windows record but for
 * lookups of names: those become events, all others stand as `other_activity`.
 */
export function unmappedKeyOf(record: UnmappedRecord): EventKey {
  const { channel, provider, product, code } = record
  if (channel === '' || isLookup(record)) return eventKeyOf(record.event())
  const variant = windowsVariant(record, product)
  const name = variant === '' ? code : `${code}|${variant}`
  const before = unmappedKeys.get(channel)?.get(provider)?.get(name)
  if (before) return before
  const key: EventKey = {
    kind: 'other_activity',
    product,
    code,
    channel,
    provider: product === 'security' ? provider : '',
    variant,
  }
  if (unmappedCount++ >= MAX_KEYS) {
    unmappedKeys.clear()
    unmappedCount = 0
  }
  const ofChannel = unmappedKeys.get(channel) ?? new Map<string, Map<string, EventKey>>()
  const ofProvider = ofChannel.get(provider) ?? new Map<string, EventKey>()
  ofProvider.set(name, key)
  ofChannel.set(provider, ofProvider)
  unmappedKeys.set(channel, ofChannel)
  return key
}

function isLookup({ channel, provider, product, code }: UnmappedRecord): boolean {
  return product === 'sysmon' ? code === SYSMON_LOOKUP : provider.includes('-dns') || channel.includes('-dns')
}

/** Readers write the channel behind the last bar of a Windows series ("evtx|dc01.example|security"). */
function channelOf(series: string): string {
  let channel = channels.get(series)
  if (channel === undefined) {
    channel = series.startsWith('evtx|') ? series.slice(series.indexOf('|', 5) + 1) : ''
    if (channels.size < MAX_KEYS) channels.set(series, channel)
  }
  return channel
}
