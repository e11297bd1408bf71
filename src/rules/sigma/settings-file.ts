import type { RefusedRule, RuleFile } from '../../model/index.ts'
import { readYaml, SigmaError, SourceText, type YamlEntry, type YamlMap } from './yaml-tree.ts'

/** One YAML map of the user beside the rules, read entry by entry: each fault is kept with its place, so that all are told at once. */
export function readSettings(
  file: RuleFile,
  fault: string,
  read: (map: YamlMap, source: SourceText, attempt: <T>(make: () => T) => T | undefined) => void,
): readonly RefusedRule[] {
  const source = new SourceText(file.path, file.text)
  const problems: RefusedRule[] = []
  const attempt = <T>(make: () => T): T | undefined => {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof SigmaError)) throw error
      problems.push({ path: file.path, title: '', ...source.position(error.offset), reason: error.message })
      return undefined
    }
  }
  attempt(() => {
    const [document, more] = readYaml(file.text)
    if (document === undefined) return
    if (document instanceof SigmaError) throw document
    if (more !== undefined) throw new SigmaError(more.offset, 'the file holds more than one document')
    if (document.kind !== 'map') throw new SigmaError(document.offset, fault)
    read(document, source, attempt)
  })
  return problems
}

/** Texts of an entry that is a word or a list of words. */
export function wordsOf({ key, value }: YamlEntry): readonly string[] {
  const items = value.kind === 'list' ? value.items : [value]
  const words = items.map(item => {
    if (item.kind !== 'scalar' || item.value === null)
      throw new SigmaError(item.offset, `"${key}" needs words or a list of words`)
    return item.text
  })
  if (words.length === 0) throw new SigmaError(value.offset, `"${key}" has no values`)
  return words
}
