import { existsSync, readFileSync } from 'node:fs'
import type { AssetModel, Diagnostic } from '../model/index.ts'
import { parseAssets } from '../readers/assets/reader.ts'
import type { Case } from '../store/index.ts'
import type { FoundItem } from './look.ts'
import { UsageError } from './usage-error.ts'

const NO_ASSETS: AssetModel = { sites: [], zones: [], assets: [], conduits: [], services: [] }
const FACT = 'assets'

/** Said before anything is read, not after an hour of it. */
export function checkAssetsOption(path: string | undefined): void {
  if (path !== undefined && !existsSync(path))
    throw new UsageError('hunt/missing-assets', `--assets ${path}: no such file`, 'name a YAML or CSV asset list')
}

/** Keeps the asset list with the case: that of `--assets`, else the one list among the evidence, else the one it already has. */
export function rememberAssets(opened: Case, path: string | undefined, items: readonly FoundItem[]): void {
  if (path !== undefined) {
    opened.setFact(FACT, JSON.stringify({ path, text: readFileSync(path, 'utf8') }))
    return
  }
  const lists = items.filter(item => item.reader?.format === 'assets')
  const [only] = lists
  if (lists.length === 1 && only) opened.setFact(FACT, JSON.stringify({ path: only.path, text: readFileSync(only.file, 'utf8') }))
}

/** The asset list of a case; an empty one when it has none. */
export function assetsOf(opened: Case): { readonly assets: AssetModel; readonly diagnostics: readonly Diagnostic[] } {
  const fact = opened.fact(FACT)
  if (fact === undefined) return { assets: NO_ASSETS, diagnostics: [] }
  const { path, text } = JSON.parse(fact) as { readonly path: string; readonly text: string }
  const { model, diagnostics } = parseAssets(text, path)
  return { assets: model, diagnostics }
}
