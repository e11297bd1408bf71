import data from './data/end-of-life.json' with { type: 'json' }
import { edgeDevices } from './edge-devices.ts'

/** Support state of one product line. `date` is ISO (yyyy-mm-dd) or '' when only the fact is published. */
export interface SupportState {
  readonly product: string
  readonly cycle: string
  readonly state: 'ended' | 'supported' | 'unknown'
  readonly date: string
  readonly source: string
}

interface Release {
  readonly product: string
  readonly title: string
  readonly cycle: string
  readonly ends: string
}

const releases: readonly Release[] = data.rows.map(([product = '', title = '', cycle = '', , ends = '']) => ({
  product,
  title,
  cycle,
  ends,
}))

/** How asset lists name the products of the bundled table. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\bfortios\b|\bfortigate\b/, 'fortios'],
  [/\bpan-?os\b/, 'pan-os'],
  [/\bglobalprotect\b/, 'pan-gp'],
  [/\bbig-?ip\b/, 'big-ip'],
  [/\bios[ -]?xe\b/, 'cisco-ios-xe'],
  [/\brouteros\b|\bmikrotik\b/, 'routeros'],
  [/\bopenwrt\b/, 'openwrt'],
  [/\bopnsense\b/, 'opnsense'],
  [/\bstormshield\b|\bsns\b/, 'sns-firmware'],
  [/\bexchange\b/, 'msexchange'],
  [/\bwindows server\b/, 'windows-server'],
  [/\besxi\b/, 'vmware-esxi'],
  [/\bvcenter\b/, 'vmware-vcenter'],
  [/\btomcat\b/, 'tomcat'],
]

/**
 * Is a device still supported on `day` (ISO date)? Firmware is compared by its release line ("7.0.12" belongs to "7.0"). Small routers
 * and cameras are not in public end-of-life tables; the few that intrusions were reported on are listed in `edge-devices.ts`.
 */
export function supportState(
  device: { readonly vendor: string; readonly model: string; readonly firmware: string },
  day: string,
): SupportState {
  const text = `${device.vendor} ${device.model} ${device.firmware}`.toLowerCase()
  const listed = edgeDevices.find(entry => entry.ended && text.includes(entry.vendor.toLowerCase()) && entry.models.test(text))
  if (listed) return { product: listed.name, cycle: '', state: 'ended', date: listed.endedOn, source: listed.source }
  const product = NAMES.find(([pattern]) => pattern.test(text))?.[1]
  const version = /\d+(?:\.\d+)*/.exec(device.firmware)?.[0] ?? ''
  const cycle = releases
    .filter(release => release.product === product && (version === release.cycle || version.startsWith(`${release.cycle}.`)))
    .sort((a, b) => b.cycle.length - a.cycle.length)[0]
  if (!cycle) return { product: product ?? '', cycle: '', state: 'unknown', date: '', source: data.source }
  const ended = cycle.ends === 'true' || (/^\d{4}/.test(cycle.ends) && cycle.ends <= day)
  return {
    product: cycle.title,
    cycle: cycle.cycle,
    state: ended ? 'ended' : 'supported',
    date: /^\d{4}/.test(cycle.ends) ? cycle.ends : '',
    source: data.source,
  }
}
