import { exposureOf, knownExploitedSource } from '../../knowledge/index.ts'
import {
  draftOf,
  isoFromMicros,
  listOf,
  type Micros,
  numberOf,
  type Row,
  type SetDetector,
  type Severity,
  textOf,
} from '../../model/index.ts'

/** What stands between the operator's network and others, by its role; a file server with a known flaw is another matter. */
const EDGE_ROLE =
  /\b(?:edge|firewall|router|gateway|vpn|load balancer|proxy|remote access|camera|modem|sd-?wan|access point|waf|switch)\b/i
/** Flaws named in one reason; the count is told. */
const SHOWN_FLAWS = 6

interface Named {
  readonly id: string
  readonly names: string
  readonly addresses: string
  readonly role: string
  readonly vendor: string
  readonly model: string
  readonly firmware: string
}

/** A device of the inventory, of a scan or of a configuration, as one shape. */
function namedIn(row: Row): Named | undefined {
  const record = objectOf(textOf(row, 'original'))
  const said = (key: string) => (typeof record[key] === 'string' ? record[key] : '')
  if (textOf(row, 'product') === 'assets')
    return {
      id: said('id'),
      names: said('names'),
      addresses: said('addresses'),
      role: said('role'),
      vendor: said('vendor'),
      model: said('model'),
      firmware: said('firmware'),
    }
  const firmware = said('version')
  // "ios" of a configuration with a web interface and version 16 or later is IOS XE (Cisco's numbering since 2015).
  const isXe = said('dialect') === 'ios' && Number.parseInt(firmware, 10) >= 16
  const systems: Readonly<Record<string, string>> = {
    fortios: 'FortiOS',
    routeros: 'RouterOS',
    asa: 'ASA',
    ios: isXe ? 'IOS XE' : 'IOS',
    nvram: '',
  }
  const model = said('model')
  return {
    id: said('hostname'),
    names: said('hostname'),
    addresses: '',
    role: 'edge device',
    vendor: said('vendor'),
    model: `${model} ${systems[said('dialect')] ?? ''}`.trim(),
    firmware,
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch (error) {
    // What was cut or is no JSON names no device.
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/**
 * Devices at the edge that nobody fixes any more, that are known to be exploited, or that reports on intrusions name. It is a weakness and no
 * sign of an intruder, so it never goes above "low"; "vulnerable" is only said where the version is older than the maker's own list of fixes.
 */
export const exposedDevice: SetDetector = {
  id: 'edge-device/exposed-device',
  title: 'Edge device that is easy to enter',
  on: 'set',
  reads: ['other_activity', 'device_config'],
  techniques: ['T1190'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Intruders of this kind enter by edge devices that are past their support or not updated.',
  innocent: 'the version was updated since the list was written, or the device cannot be reached from outside',
  query: sql => `
    with latest as (select max("time") as day from network_activity where "time" is not null),
    named as (
      select evidence, record, "byteOffset", "time", product, original from other_activity where product = 'assets'
      union all
      select evidence, record, "byteOffset", "time", product, original from device_config where product = 'device-config' and attribute = 'device')
    select product, original, max(latest.day) as day, ${sql.records(20)} as refs from named cross join latest group by product, original order by product, original`,
  finding(row) {
    const device = namedIn(row)
    if (!device || device.vendor === '' || !EDGE_ROLE.test(device.role)) return undefined
    const day = row['day'] === null ? '' : isoFromMicros(numberOf(row, 'day') as Micros).slice(0, 10)
    const { reported, support, exploited, unfixed } = exposureOf(device, day)
    const name = device.names.split(',')[0] || device.id || device.addresses.split(',')[0] || 'a device'
    const what = `${device.vendor} ${device.model}`.trim()
    const reasons = [
      ...(unfixed.length > 0
        ? [
            `Its version ${device.firmware} is older than the fix: ${unfixed.map(({ cve, fixedIn, source }) => `${cve} is fixed in ${fixedIn} (${source})`).join('; ')}.`,
          ]
        : []),
      ...(support.state === 'ended'
        ? [
            `${support.product} ${support.cycle}`.trim() +
              ` is past its support${support.date === '' ? '' : ` since ${support.date}`} (${support.source}).`,
          ]
        : []),
      ...(exploited ? [exploitedText(exploited, device.firmware)] : []),
      ...(reported && reported.quality !== 'maker only'
        ? [`Reports on intrusions name ${reported.device.name} (${reported.quality}; ${reported.device.source}).`]
        : []),
      ...(reported?.quality === 'maker only'
        ? [`Reports on relay networks name its maker, not the model (${reported.device.source}).`]
        : []),
    ]
    const severity = severityOf(unfixed.length > 0, support.state === 'ended', exploited?.quality, reported?.quality)
    if (severity === undefined) return undefined
    const short = [
      unfixed.length > 0 ? `lacks the fix of ${unfixed.map(({ cve }) => cve).join(', ')}` : '',
      support.state === 'ended' ? 'is past its support' : '',
      unfixed.length === 0 && exploited
        ? `has flaws listed as exploited (${exploited.quality}${device.firmware === '' ? ', version unknown' : ''})`
        : '',
    ].filter(text => text !== '')
    return draftOf(this, {
      title: `${name} (${what}) ${short.length > 0 ? short.join(', ') : 'is named in reports on intrusions'}`,
      object: `${name} exposure`,
      severity,
      confidence:
        unfixed.length > 0 ? 'high' : exploited?.quality === 'exact model' || support.state === 'ended' ? 'moderate' : 'low',
      hosts: [name],
      addresses: device.addresses.split(','),
      why: `${this.why} ${reasons.join(' ')}`,
      evidence: listOf(row, 'refs'),
      evidenceTotal: listOf(row, 'refs').length,
    })
  },
}

function exploitedText({ entries, quality }: NonNullable<ReturnType<typeof exposureOf>['exploited']>, firmware: string): string {
  const named = entries.slice(0, SHOWN_FLAWS).map(({ cve }) => cve)
  const more = entries.length > named.length ? ` and ${entries.length - named.length} more` : ''
  const fit =
    quality === 'maker only'
      ? 'of this maker, without a model'
      : quality === 'product line'
        ? 'of this product line'
        : 'of this model'
  return `${entries.length} flaw${entries.length === 1 ? '' : 's'} ${fit} listed as exploited (${named.join(', ')}${more}; ${knownExploitedSource.source}, ${knownExploitedSource.released.slice(0, 10)}); the list has no versions: check ${firmware === '' ? 'the version' : `whether ${firmware} has the fixes`}.`
}

/** "low" where a table fits the device; "informational" where only its maker is named. */
function severityOf(
  isUnfixed: boolean,
  isEnded: boolean,
  exploited: string | undefined,
  reported: string | undefined,
): Severity | undefined {
  if (isUnfixed || isEnded || exploited === 'exact model' || reported === 'exact model') return 'low'
  if (exploited === undefined && reported === undefined) return undefined
  return 'informational'
}
