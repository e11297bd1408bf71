import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isPeeringDb, type NetworkKinds, peeringDbKinds } from '../../knowledge/index.ts'
import type { Diagnostic, Indicator } from '../../model/index.ts'
import { parseIndicators } from '../../readers/indicators/reader.ts'
import { UsageError } from '../usage-error.ts'

/** Indicators of all files given, and what is to be said about them. */
export interface LoadedIntel {
  readonly indicators: readonly Indicator[]
  readonly diagnostics: readonly Diagnostic[]
  /** What networks say of themselves, where a list of PeeringDB is among the files. */
  readonly kinds: NetworkKinds | undefined
}

/** The largest published bundle has 40 MB. */
const MAX_BYTES = 256 << 20
const NAMES = /\.(?:json|stix2?|csv|txt|ioc|tsv)$/i

/** Reads the files and folders of `--intel`; undefined when none is given, so that those of an earlier hunt stand. */
export function loadIntel(paths: readonly string[]): LoadedIntel | undefined {
  if (paths.length === 0) return undefined
  const files = paths.flatMap(filesUnder).map(path => {
    const { size } = statSync(path)
    if (size > MAX_BYTES)
      throw new UsageError(
        'intel/too-large',
        `${path} has ${size} bytes: no list of indicators is that long`,
        'split it, or name a smaller list',
      )
    const text = readFileSync(path, 'utf8')
    const kinds = isPeeringDb(text) ? peeringDbKinds(text) : undefined
    if (kinds) return { indicators: [], diagnostics: [], kinds }
    const { indicators, diagnostics } = parseIndicators(text, path)
    const nothing: Diagnostic = {
      kind: 'diagnostic',
      code: 'intel/nothing',
      level: 'warning',
      path,
      message: `${path} holds no indicator that can be looked for`,
      hint: 'give a STIX 2.1 bundle, a CSV with columns value, type, first_seen, last_seen, or one value a line',
    }
    return { indicators, diagnostics: indicators.length > 0 ? diagnostics : [...diagnostics, nothing], kinds }
  })
  return {
    indicators: files.flatMap(file => file.indicators),
    diagnostics: files.flatMap(file => file.diagnostics),
    kinds: files.findLast(({ kinds }) => kinds !== undefined)?.kinds,
  }
}

function filesUnder(path: string): readonly string[] {
  if (!existsSync(path))
    throw new UsageError('intel/missing-path', `--intel ${path}: no such file or folder`, 'name a STIX bundle or a CSV list')
  if (statSync(path).isFile()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => NAMES.test(name))
    .sort()
    .map(name => join(path, name))
    .filter(name => statSync(name, { throwIfNoEntry: false })?.isFile() === true)
}
