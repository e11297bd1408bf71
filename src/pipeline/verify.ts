import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { hashFile, walkEvidence } from '../evidence/index.ts'
import { type Case, openCase } from '../store/index.ts'
import { isOwnReport } from './look.ts'

/** How an item of the case compares with the file of today. */
export interface VerifiedItem {
  readonly path: string
  readonly sha256: string
  readonly state: 'same' | 'changed' | 'missing' | 'new'
}

/** Hashes the evidence again, from where it was hunted, archives included, and compares it with the manifest. */
export async function* verifyEvidence(directory: string): AsyncGenerator<VerifiedItem> {
  const opened = openCase(directory, 'change')
  const spillDirectory = join(directory, 'tmp', 'verify')
  try {
    const known = Map.groupBy(
      opened.manifest.items().filter(item => item.sha256 !== ''),
      item => item.path,
    )
    const seen = new Set<string>()
    for (const roots of huntedRoots(opened))
      for await (const found of walkEvidence(roots, { spillDirectory, exclude: [directory] })) {
        if (found.file === '' || seen.has(found.path) || isOwnReport(found.sample)) continue
        seen.add(found.path)
        const sha256 = await hashFile(found.file)
        const items = known.get(found.path)
        const same = items?.some(item => item.sha256 === sha256)
        yield { path: found.path, sha256, state: same ? 'same' : items ? 'changed' : 'new' }
        known.delete(found.path)
      }
    for (const [path, [item]] of known) yield { path, sha256: item?.sha256 ?? '', state: 'missing' }
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true })
    opened.close()
  }
}

const FACT = 'roots'

/** The paths of every hunt into the case; those of one hunt belong together, because the names of items depend on them. */
function huntedRoots(opened: Case): readonly (readonly string[])[] {
  return JSON.parse(opened.fact(FACT) ?? '[]') as readonly (readonly string[])[]
}

/** Remembers where the evidence of a hunt was. */
export function rememberRoots(opened: Case, roots: readonly string[]): void {
  const known = huntedRoots(opened)
  if (!known.some(group => group.join('\n') === roots.join('\n'))) opened.setFact(FACT, JSON.stringify([...known, roots]))
}
