import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { filesUnder } from '../../src/evidence/index.ts'
import { type ScriptLanguage, scriptLanguageOf, scriptLanguageOfName } from '../../src/model/index.ts'

export type Label = 'malicious' | 'benign'

export const languages: readonly ScriptLanguage[] = ['php', 'asp', 'aspx', 'jsp']

export interface LabelledFile {
  readonly path: string
  readonly label: Label
  readonly language: ScriptLanguage
  /** Of the content without white space. */
  readonly sha1: string
}

export interface LabelledFiles {
  readonly files: readonly LabelledFile[]
  readonly copies: number
  readonly bothLabels: number
}

/** The scripts of two sets of folders: each content once, none that has both labels; files that are no script in any language are no part of it. */
export function labelledFiles(malicious: readonly string[], benign: readonly string[]): LabelledFiles {
  const found = [...scriptsIn(malicious, 'malicious'), ...scriptsIn(benign, 'benign')]
  const labels = new Map<string, Set<Label>>()
  for (const { sha1, label } of found) labels.set(sha1, (labels.get(sha1) ?? new Set<Label>()).add(label))
  const seen = new Set<string>()
  const files: LabelledFile[] = []
  let bothLabels = 0
  let copies = 0
  for (const file of found) {
    if ((labels.get(file.sha1)?.size ?? 0) > 1) bothLabels++
    else if (seen.has(file.sha1)) copies++
    else files.push(file)
    seen.add(file.sha1)
  }
  return { files, copies, bothLabels }
}

function* scriptsIn(folders: readonly string[], label: Label): Generator<LabelledFile> {
  for (const folder of folders)
    for (const found of filesUnder([folder], { names: [folder.replace(/\/+$/, '')] })) {
      if ('item' in found) continue
      const bytes = readFileSync(found.file)
      const text = bytes.toString('latin1')
      // A page of many collections has the name of the language and no mark of it in the first lines.
      const language = scriptLanguageOf(found.path, text.slice(0, 1 << 18)) ?? scriptLanguageOfName(found.path)
      const stripped = text.replace(/\s+/g, '')
      if (language !== undefined && stripped !== '')
        yield { path: found.file, label, language, sha1: createHash('sha1').update(stripped, 'latin1').digest('hex') }
    }
}
