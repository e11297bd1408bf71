import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { recordedMachines } from '../correlate/index.ts'
import { type DiagnosticLevel, isAddress } from '../model/index.ts'
import { ASSET_TEMPLATE, parseAssets, whatIsMissing } from '../readers/assets/reader.ts'
import { openCase } from '../store/index.ts'
import { inferredRoles } from './inferred-roles.ts'
import { queriesOf } from './query-engine.ts'
import { UsageError } from './usage-error.ts'

/** One thing to say about an asset list. */
export interface AssetRemark {
  readonly code: string
  readonly level: DiagnosticLevel
  readonly line: number
  readonly message: string
  readonly hint: string
}

/** What `assets check` found. */
export interface AssetCheck {
  readonly path: string
  /** How many of each are used. */
  readonly used: {
    readonly sites: number
    readonly zones: number
    readonly assets: number
    readonly conduits: number
    readonly services: number
  }
  /** Entries that are left out, and what would mislead the report. */
  readonly wrong: readonly AssetRemark[]
  /** What the list does not say, and what the report cannot say because of it. */
  readonly missing: readonly AssetRemark[]
}

/** The template, as text. */
export function assetTemplate(): string {
  return ASSET_TEMPLATE
}

/** An asset list of the machines a case saw, each with the role its records suggest and why; to be corrected by somebody who knows. */
export async function assetsFromCase(caseDirectory: string): Promise<string> {
  const opened = openCase(caseDirectory, 'read')
  try {
    const queries = await queriesOf(opened, 1, { since: undefined, until: undefined })
    try {
      const roles = await inferredRoles(queries)
      const recorded = new Map((await recordedMachines(queries)).map(entry => [entry.machine, entry]))
      const known = new Set(roles.map(({ machine }) => machine.toLowerCase()))
      const others = [...recorded.values()]
        .filter(({ machine }) => !known.has(machine))
        .map(({ machine, products }) => ({ machine, role: '', reason: `its own records are here (${products.join(', ')})` }))
      const entries = [...roles, ...others].map(({ machine, role, reason }) => {
        const addresses = isAddress(machine) ? [machine] : (recorded.get(machine.toLowerCase())?.addresses ?? [])
        const said = role === '' ? `not inferred; ${reason}` : `inferred: ${reason}`
        return `  - id: ${JSON.stringify(machine)}\n    role: ${JSON.stringify(role)}   # ${inert(said)}\n    addresses: [${addresses.map(address => JSON.stringify(address)).join(', ')}]\n${EDGE.test(role) ? '    vendor: ""\n    model: ""\n    firmware: ""\n' : ''}`
      })
      return `${FROM_CASE}assets:\n${entries.join('')}${entries.length === 0 ? '  []\n' : ''}`
    } finally {
      queries.close()
    }
  } finally {
    opened.close()
  }
}

const EDGE = /firewall|router|VPN/
const inert = (text: string) => text.replace(/[^\x20-\x7e]/g, ' ')
const FROM_CASE = `# Machines a case saw, with the role their own records suggest. Roles are inferred: correct them, and add what is missing
# (addresses, zones, services and what they need). "barograph assets init FILE" without --from writes an example of every section;
# "barograph assets check FILE" says what is missing.

`

/** Writes the template, or another list to begin with, to a file that is not there yet. */
export function initAssets(path: string, text: string = ASSET_TEMPLATE): void {
  try {
    writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    if (error.code === 'EEXIST')
      throw new UsageError(
        'assets/exists',
        `${path} is already there and is kept as it is`,
        `name another file, or look at it with: barograph assets check ${path}`,
      )
    throw new UsageError('assets/not-written', `${path}: ${error.message}`, 'name a file in a folder you may write to')
  }
}

/** Larger than any list of machines; a disk image given by mistake is not read into memory. */
const MAX_BYTES = 64 << 20

/** Reads an asset list and says what is wrong and what is missing, with line numbers. */
export function checkAssets(path: string): AssetCheck {
  const text = textOf(path)
  const list = parseAssets(text, path)
  const { sites, zones, assets, conduits, services } = list.model
  const prefix = /^.*?:\d+: /s
  const read = list.diagnostics.map(({ code, level, record = 1, message, hint = '' }) => ({
    code,
    level,
    line: record,
    message: message.startsWith(`${path}:`) ? message.slice(path.length).replace(prefix, '') : message,
    hint,
  }))
  // A reference to nothing misleads the report; an unused column or a scan that was stopped only makes the list shorter.
  const isWrong = ({ code, level }: AssetRemark) => level === 'error' || code === 'assets/unknown-reference'
  const remarks = [...read, ...whatIsMissing(list)].toSorted((a, b) => a.line - b.line)
  return {
    path,
    used: {
      sites: sites.length,
      zones: zones.length,
      assets: assets.length,
      conduits: conduits.length,
      services: services.length,
    },
    wrong: remarks.filter(isWrong),
    missing: remarks.filter(remark => !isWrong(remark)),
  }
}

function textOf(path: string): string {
  if (!existsSync(path))
    throw new UsageError('assets/no-file', `${path}: no such file`, 'barograph assets init FILE writes one to begin with', 3)
  const state = statSync(path)
  if (!state.isFile()) throw new UsageError('assets/no-file', `${path} is no file`, 'name one YAML, CSV or nmap XML file', 3)
  if (state.size > MAX_BYTES)
    throw new UsageError(
      'assets/too-large',
      `${path} has ${state.size} bytes: no asset list is that long`,
      'name one YAML, CSV or nmap XML file',
      3,
    )
  return readFileSync(path, 'utf8')
}
