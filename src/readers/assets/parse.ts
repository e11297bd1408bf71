import type { Asset, AssetModel, Conduit, Diagnostic, Need, Service } from '../../model/index.ts'
import { csvEntries } from './csv.ts'
import { idsOf, NeedError, needOfValue } from './needs.ts'
import { isNmap, nmapEntries } from './nmap.ts'
import { assetSchema, conduitSchema, sectorOf, serviceSchema, siteSchema, zoneSchema } from './schema.ts'
import { yamlEntries } from './yaml.ts'

/** One entry of the list, as written, with the line it begins on. */
export interface ListEntry {
  readonly section: 'sites' | 'zones' | 'assets' | 'conduits' | 'services'
  /** 1-based line. */
  readonly line: number
  readonly value: unknown
  /** Line of a field inside the entry. */
  lineOf(path: readonly PropertyKey[]): number
}

/** Collects what is wrong with a list. */
export type Complain = (code: string, line: number, message: string, hint: string, level?: 'error' | 'warning') => void

export type Site = AssetModel['sites'][number]
export type Zone = AssetModel['zones'][number]

/** What is in an asset list; entries that cannot be used are left out and said so, with file and line. */
export interface AssetList {
  readonly model: AssetModel
  readonly diagnostics: readonly Diagnostic[]
  /** Lines of the assets, in the order of `model.assets`. */
  readonly assetLines: readonly number[]
  /** Every entry as written, those that were left out too. */
  readonly entries: readonly ListEntry[]
}

/** Reads an operator's asset list: YAML with sites, zones, assets, conduits and services, CSV with one asset a line, or what nmap saw (XML). */
export function parseAssets(text: string, path: string): AssetList {
  const diagnostics: Diagnostic[] = []
  const complain: Complain = (code, line, message, hint, level = 'error') =>
    diagnostics.push({ kind: 'diagnostic', code, level, path, record: line, message: `${path}:${line}: ${message}`, hint })
  const entries = entriesOf(text, complain)
  const read = new ListReader(complain)
  const model = read.modelOf(entries)
  return { model, diagnostics, assetLines: read.assetLines, entries }
}

function entriesOf(text: string, complain: Complain): readonly ListEntry[] {
  if (isNmap(text)) return nmapEntries(text, complain)
  return /^[\w"' -]+[,;\t]/.test(firstLine(text).trimStart()) ? csvEntries(text, complain) : yamlEntries(text, complain)
}

function firstLine(text: string): string {
  return (
    text
      .replace(/^\uFEFF/, '')
      .split('\n', 200)
      .find(line => line.trim() !== '' && !line.trimStart().startsWith('#')) ?? ''
  )
}

class ListReader {
  readonly assetLines: number[] = []
  readonly #complain: Complain
  /** First line of each id; assets and services share one name space, because needs may name either. */
  readonly #ids = new Map<string, number>()

  constructor(complain: Complain) {
    this.#complain = complain
  }

  modelOf(entries: readonly ListEntry[]): AssetModel {
    const sites: Site[] = []
    const zones: Zone[] = []
    const assets: Asset[] = []
    const conduits: Conduit[] = []
    const services: Service[] = []
    const checks: (() => void)[] = []
    for (const entry of entries)
      switch (entry.section) {
        case 'sites': {
          const site = this.#checked(entry, siteSchema)
          if (site && this.#isNew(entry, 'site', site.id)) sites.push({ ...site, name: site.name || site.id })
          break
        }
        case 'zones': {
          const zone = this.#checked(entry, zoneSchema)
          if (zone && this.#isNew(entry, 'zone', zone.id)) zones.push({ ...zone, name: zone.name || zone.id })
          break
        }
        case 'assets': {
          const asset = this.#checked(entry, assetSchema)
          if (!asset || !this.#isNew(entry, 'asset', asset.id)) break
          assets.push({ ...asset, names: asset.names.length > 0 ? asset.names : [asset.id] })
          this.assetLines.push(entry.line)
          checks.push(
            () => this.#refers(entry, 'site', asset.site, sites),
            () => this.#refers(entry, 'zone', asset.zone, zones),
          )
          break
        }
        case 'conduits': {
          const conduit = this.#checked(entry, conduitSchema)
          if (!conduit) break
          conduits.push(conduit)
          checks.push(
            () => this.#refers(entry, 'from', conduit.from, zones),
            () => this.#refers(entry, 'to', conduit.to, zones),
            () => this.#refers(entry, 'via', conduit.via, assets),
          )
          break
        }
        case 'services': {
          const service = this.#serviceOf(entry)
          if (!service || !this.#isNew(entry, 'asset', service.id)) break
          services.push(service)
          checks.push(
            () => this.#refers(entry, 'site', service.site, sites),
            () => {
              for (const need of new Set(idsOf(service.needs))) this.#refers(entry, 'needs', need, [...assets, ...services])
            },
          )
          break
        }
        default:
          entry.section satisfies never
      }
    for (const check of checks) check()
    return { sites, zones, assets, conduits, services }
  }

  #serviceOf(entry: ListEntry): Service | undefined {
    const service = this.#checked(entry, serviceSchema)
    if (!service) return undefined
    const needs = this.#needsOf(entry, service.needs)
    if (!needs) return undefined
    const sector = sectorOf(service.sector)
    if (sector === undefined && service.sector !== '')
      this.#complain(
        'assets/unknown-sector',
        entry.lineOf(['sector']),
        `sector "${service.sector}" is none of the 16 critical infrastructure sectors`,
        'write one of them, for instance "Energy", "Communications" or "Water and Wastewater Systems"',
        'warning',
      )
    return {
      id: service.id,
      name: service.name || service.id,
      sector: sector ?? service.sector,
      site: service.site,
      needs,
      fallbackHours: service.fallbackHours,
      customers: service.customers,
    }
  }

  #needsOf(entry: ListEntry, value: unknown): Need | undefined {
    try {
      return needOfValue(value)
    } catch (error) {
      if (!(error instanceof NeedError)) throw error
      this.#complain(
        'assets/bad-needs',
        entry.lineOf(['needs']),
        `"needs" ${error.message}; the service is left out`,
        'write for instance "scada01 & (jump01 | eng01)" or "2 of (pump1, pump2, pump3)"',
      )
      return undefined
    }
  }

  #checked<Value>(entry: ListEntry, schema: { safeParse(value: unknown): SafeResult<Value> }): Value | undefined {
    const result = schema.safeParse(entry.value)
    if (result.success) return result.data
    for (const { path, message } of result.error.issues) {
      const field = path.join('.')
      this.#complain(
        'assets/bad-entry',
        entry.lineOf(path),
        `${entry.section}: ${field === '' ? 'the entry' : `"${field}"`} ${message}; the entry is left out`,
        'correct the line and hunt again',
      )
    }
    return undefined
  }

  #isNew(entry: ListEntry, kind: string, id: string): boolean {
    const key = `${kind}:${id.toLowerCase()}`
    const first = this.#ids.get(key)
    if (first === undefined) {
      this.#ids.set(key, entry.line)
      return true
    }
    this.#complain(
      'assets/twice',
      entry.line,
      `"${id}" is already the id of the entry in line ${first}; this one is left out`,
      'give each entry an id of its own',
    )
    return false
  }

  #refers(entry: ListEntry, field: string, id: string, known: readonly { readonly id: string }[]): void {
    if (id === '' || known.some(one => one.id === id)) return
    this.#complain(
      'assets/unknown-reference',
      entry.lineOf([field]),
      `${entry.section}: "${field}" names "${id}", which is not in the list`,
      'check the spelling, or add the entry it should name',
      'warning',
    )
  }
}

type SafeResult<Value> =
  | { readonly success: true; readonly data: Value }
  | {
      readonly success: false
      readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] }
    }
