import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { loadGrammars } from '../detect/web-shell/disk/syntax.ts'
import type { GrammarName, SyntaxParsers } from '../model/index.ts'

const GRAMMARS: readonly GrammarName[] = ['php', 'java', 'c-sharp']

const bytesOf = (specifier: string) => readFile(fileURLToPath(import.meta.resolve(specifier)))

let loading: Promise<SyntaxParsers> | undefined

/** Parsers of this thread, loaded when the first page is to be judged: a hunt through logs alone needs none. */
export function syntaxParsers(): Promise<SyntaxParsers> {
  loading ??= load()
  return loading
}

async function load(): Promise<SyntaxParsers> {
  const [runtime, ...grammars] = await Promise.all([
    bytesOf('web-tree-sitter/web-tree-sitter.wasm'),
    ...GRAMMARS.map(name => bytesOf(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`)),
  ])
  return loadGrammars({
    runtime,
    grammars: new Map(
      GRAMMARS.flatMap((name, index) => {
        const bytes = grammars[index]
        return bytes ? [[name, bytes] as const] : []
      }),
    ),
  })
}
