import { type EdgeDevice, edgeDevices } from './edge-devices.ts'
import { type SupportState, supportState } from './end-of-life.ts'
import { allKnownExploited, type KnownExploited, knownExploited, knownExploitedSource } from './known-exploited.ts'

/** How exactly a device of an inventory fits a row of a table. */
export type MatchQuality = 'exact model' | 'product line' | 'maker only'

/** A device as an inventory, a scan or its own configuration names it. */
export interface DeviceDescription {
  readonly vendor: string
  readonly model: string
  readonly firmware: string
}

/** What public tables say of a device. No part of it says "vulnerable" unless `fixes` compares its version with the maker's own list. */
export interface Exposure {
  /** Reports on intrusions that name it. */
  readonly reported: { readonly device: EdgeDevice; readonly quality: MatchQuality } | undefined
  readonly support: SupportState
  /** Flaws known to be exploited in what fits, and how well that fits. */
  readonly exploited: { readonly entries: readonly KnownExploited[]; readonly quality: MatchQuality } | undefined
  /** Flaws whose fix the version lacks by the maker's own list. */
  readonly unfixed: readonly { readonly cve: string; readonly fixedIn: string; readonly source: string }[]
}

/** Version in which a maker fixed a flaw, by release line. */
interface FixRule {
  readonly cve: string
  readonly product: RegExp
  /** First version with the fix of each release line ("7.0" in "7.0.9"). */
  readonly fixed: readonly string[]
  readonly source: string
}

const FORTIOS = /\bfortios\b|\bforti(?:gate|wifi)\b/
const RV = /\brv32[05]\b/

/** The few version rules we can cite; where none fits, the report says "check the version". */
const fixRules: readonly FixRule[] = [
  {
    cve: 'CVE-2022-42475',
    product: FORTIOS,
    fixed: ['7.2.3', '7.0.9', '6.4.11', '6.2.12', '6.0.16'],
    source: 'Fortinet FG-IR-22-398, 12 December 2022',
  },
  {
    cve: 'CVE-2023-27997',
    product: FORTIOS,
    fixed: ['7.2.5', '7.0.12', '6.4.13', '6.2.15', '6.0.17'],
    source: 'Fortinet FG-IR-23-097, 12 June 2023',
  },
  { cve: 'CVE-2022-40684', product: FORTIOS, fixed: ['7.2.2', '7.0.7'], source: 'Fortinet FG-IR-22-377, 10 October 2022' },
  { cve: 'CVE-2019-1652', product: RV, fixed: ['1.4.2.22'], source: 'Cisco cisco-sa-20190123-rv-inject, updated 4 April 2019' },
  { cve: 'CVE-2019-1653', product: RV, fixed: ['1.4.2.22'], source: 'Cisco cisco-sa-20190123-rv-info, updated 4 April 2019' },
]

/** Words inventories use, and what the catalogue of known exploited vulnerabilities calls the same. */
const PRODUCT_LINES: readonly (readonly [device: RegExp, vendor: RegExp, product: RegExp])[] = [
  [FORTIOS, /^fortinet$/i, /\bfortios\b/i],
  [/\bpan-?os\b|\bpa-\d{3,4}\b/, /^palo alto/i, /\bpan-os\b/i],
  [/\b(?:connect|pulse) secure\b/, /^(?:ivanti|pulse secure)$/i, /\bconnect secure\b/i],
  [/\bnetscaler\b|\badc\b/, /^citrix$/i, /\bnetscaler\b|\bapplication delivery controller\b/i],
  [/\bbig-?ip\b/, /^f5$/i, /\bbig-ip\b/i],
  [/\brouteros\b|\bmikrotik\b/, /^mikrotik$/i, /\brouteros\b/i],
  [/\bios[ -]?xe\b/, /^cisco$/i, /\bios xe\b/i],
  [/\basa\d{0,4}\b|\badaptive security\b|\bfirepower\b/, /^cisco$/i, /\badaptive security appliance\b/i],
  [/\bsma ?\d{3,4}\b/, /^sonicwall$/i, /\bsma ?\d*/i],
  [/\bvigor/, /^draytek$/i, /\bvigor\b/i],
  [/\bwarp\b|\b(?:ip|mp)vpn\b/, /^fatpipe$/i, /\bwarp\b/i],
  [/\bdirector\b/, /^versa$/i, /\bdirector\b/i],
  [/\bjunos\b|\bsrx\d|\bmx\d/, /^juniper$/i, /\bjunos\b/i],
]

/** Model words say something only with a number in them: "RV320", "DIR-859", not "router". */
const MODEL_WORD = /^(?=[a-z0-9-]*\d)(?=[a-z0-9-]*[a-z])[a-z0-9-]{4,}$/

/** Compares a device with the bundled tables on `day` (ISO date; '' leaves the end of support out that depends on it). */
export function exposureOf(device: DeviceDescription, day: string): Exposure {
  const text = `${device.vendor} ${device.model} ${device.firmware}`.toLowerCase()
  return {
    reported: reportedOf(device),
    support: supportState(device, day === '' ? knownExploitedSource.released.slice(0, 10) : day),
    exploited: exploitedOf(device, text),
    unfixed: fixRules.flatMap(({ cve, product, fixed, source }) => {
      const fix = product.test(text) ? lackingFix(device.firmware, fixed) : undefined
      return fix === undefined ? [] : [{ cve, fixedIn: fix, source }]
    }),
  }
}

const QUALITIES: Readonly<Record<EdgeDevice['named'], MatchQuality>> = {
  model: 'exact model',
  series: 'product line',
  maker: 'maker only',
}

function reportedOf({ vendor, model }: DeviceDescription): Exposure['reported'] {
  const text = `${vendor} ${model}`.toLowerCase()
  const device = edgeDevices.find(entry => text.includes(entry.vendor.toLowerCase()) && entry.models.test(text))
  return device && { device, quality: QUALITIES[device.named] }
}

function exploitedOf({ vendor, model }: DeviceDescription, text: string): Exposure['exploited'] {
  const all = allKnownExploited()
  const maker = vendor.toLowerCase().trim()
  const words = `${model}`
    .toLowerCase()
    .split(/[\s,/()]+/)
    .filter(word => MODEL_WORD.test(word))
  const named = all.filter(entry => {
    const product = entry.product.toLowerCase().split(/[\s,/()]+/)
    return maker !== '' && makerIs(entry, maker) && words.some(word => product.includes(word))
  })
  if (named.length > 0) return { entries: named, quality: 'exact model' }
  const lines = PRODUCT_LINES.filter(([device]) => device.test(text))
  const lined = all.filter(entry =>
    lines.some(([, maker, product]) => maker.test(entry.vendor.trim()) && product.test(entry.product)),
  )
  if (lined.length > 0) return { entries: lined, quality: 'product line' }
  // "Multiple Routers": the catalogue names the maker and no model.
  const several = all.filter(entry => maker !== '' && makerIs(entry, maker) && /\bmultiple\b|^routers$/i.test(entry.product))
  return several.length > 0 ? { entries: several, quality: 'maker only' } : undefined
}

function makerIs({ vendor }: KnownExploited, maker: string): boolean {
  const known = vendor.toLowerCase().trim()
  return known === maker || maker.startsWith(`${known} `) || known.startsWith(`${maker} `)
}

/** The version with the fix when the device's version is of a listed release line and older; undefined when no rule fits. */
function lackingFix(firmware: string, fixed: readonly string[]): string | undefined {
  const version = /\d+(?:\.\d+)+/.exec(firmware)?.[0]
  if (version === undefined) return undefined
  const parts = version.split('.').map(Number)
  return fixed.find(fix => {
    const target = fix.split('.').map(Number)
    // A version of another release line, or one that is not whole ("7.0"), cannot be compared.
    if (parts.length < target.length || target.slice(0, 2).some((part, index) => part !== parts[index])) return false
    for (let at = 2; at < target.length; at++) {
      const [has, needs] = [parts[at] ?? 0, target[at] ?? 0]
      if (has !== needs) return has < needs
    }
    return false
  })
}

/** Are the flaws of a row in the catalogue we carry? For tests: no row may cite one that is not. */
export function citedExploits(): readonly string[] {
  return [...edgeDevices.flatMap(({ exploited }) => exploited), ...fixRules.map(({ cve }) => cve)].filter(
    cve => knownExploited(cve) === undefined,
  )
}
