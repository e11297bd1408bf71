import { statSync } from 'node:fs'
import { filesUnder } from '../../evidence/index.ts'
import { type Expectation, KnownTree } from './known-files.ts'
import { knownSource, packageSource } from './known-sources.ts'

/** Everything known of the files below one root. */
export class RootTrees {
  readonly #root: string
  readonly #trees: readonly KnownTree[]

  constructor(root: string, trees: readonly KnownTree[]) {
    this.#root = root
    this.#trees = trees
  }

  /** How the file must be: the first list that names it decides, and what the user gave comes before the system's own lists. */
  expected(path: string): Expectation | undefined {
    const below = this.#below(path)
    for (const tree of this.#trees) {
      const expectation = tree.expected(below)
      if (expectation) return expectation
    }
    return undefined
  }

  /** What the lists say of a file they do not name. */
  context(path: string): readonly string[] {
    if (this.expected(path)) return []
    const below = this.#below(path)
    return this.#trees.flatMap(tree => {
      const count = tree.besides(below)
      if (count > 0) return [`not in ${tree.name}, which has ${count.toLocaleString('en')} files of this folder`]
      return tree.size > 0 ? [`not in ${tree.name}, which knows ${tree.size.toLocaleString('en')} files here`] : []
    })
  }

  #below(path: string): string {
    return path.slice(this.#root.length).replace(/^(?:!?\/)+/, '')
  }
}

/** Reads lists and copies once, and lays them on each root. */
export async function knownTrees(
  roots: readonly string[],
  against: readonly string[],
  spillDirectory: string,
  say: (text: string) => void,
): Promise<ReadonlyMap<string, RootTrees>> {
  const given = []
  for (const path of against) given.push(await knownSource(path, spillDirectory))
  const trees = new Map<string, RootTrees>()
  for (const root of roots) {
    const scanned = given.length > 0 ? pathsBelow(root) : []
    const own = statSync(root, { throwIfNoEntry: false })?.isDirectory() ? packageSource(root) : undefined
    const laid = given.map(({ name, entries }) => new KnownTree(name, entries, scanned))
    if (own) laid.push(new KnownTree('the packages of this system', own.entries, []))
    for (const tree of laid) say(`${tree.size.toLocaleString('en')} files of ${root} are known from ${tree.name}.`)
    trees.set(root, new RootTrees(root.replace(/[/\\]+$/, ''), laid))
  }
  return trees
}

function pathsBelow(root: string): readonly string[] {
  const paths: string[] = []
  for (const found of filesUnder([root], { names: [''] })) if ('file' in found) paths.push(found.path.replace(/^\/+/, ''))
  return paths
}
