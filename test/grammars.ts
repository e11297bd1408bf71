import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type GrammarFiles, type Grammars, loadGrammars } from '../src/detect/web-shell/disk/syntax.ts'

const require = createRequire(import.meta.url)

/** Runtime and grammars as a worker reads them. */
export function grammarFiles(): GrammarFiles {
  const folder = dirname(require.resolve('@vscode/tree-sitter-wasm/wasm/tree-sitter.wasm'))
  return {
    runtime: readFileSync(join(dirname(require.resolve('web-tree-sitter')), 'web-tree-sitter.wasm')),
    grammars: new Map(
      (['php', 'java', 'c-sharp'] as const).map(name => [name, readFileSync(join(folder, `tree-sitter-${name}.wasm`))]),
    ),
    // The time of this thread, as in the program: a busy machine must not fail a test.
    processorTime: () => {
      const { user, system } = process.threadCpuUsage()
      return (user + system) / 1_000
    },
  }
}

/** The parsers as a worker has them. */
export function testGrammars(): Promise<Grammars> {
  return loadGrammars(grammarFiles())
}
