import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { type Grammars, loadGrammars } from '../detect/web-shell/disk/syntax.ts'
import type { GrammarName, SyntaxParsers } from '../model/index.ts'
import { ParserSupply } from './parser-supply.ts'

const GRAMMARS: readonly GrammarName[] = ['php', 'java', 'c-sharp']

const bytesOf = (specifier: string) => readFile(fileURLToPath(import.meta.resolve(specifier)))

const supply = new ParserSupply(load)

/** Parsers of this thread, loaded when the first page is to be judged: a hunt through logs alone needs none. To be asked for before each file. */
export function syntaxParsers(): Promise<SyntaxParsers> {
  return supply.parsers()
}

async function load(instance: number): Promise<Grammars> {
  keepCompiledCode()
  const [runtime, ...grammars] = await Promise.all([
    bytesOf('web-tree-sitter/web-tree-sitter.wasm'),
    ...GRAMMARS.map(name => bytesOf(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`)),
  ])
  const files = new Map(
    GRAMMARS.flatMap((name, index) => {
      const bytes = grammars[index]
      return bytes ? [[name, bytes] as const] : []
    }),
  )
  return loadGrammars({ runtime, grammars: files, processorTime }, instance)
}

function processorTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/**
 * V8 shares compiled WebAssembly between threads, and has crashed when one thread gave code back while others compiled or ended
 * (github.com/nodejs/node/issues/64500). Three grammars are some megabytes of code: nothing is given back, and the small wrappers around them
 * are never replaced by faster ones.
 */
function keepCompiledCode(): void {
  setFlagsFromString('--no-wasm-code-gc')
  setFlagsFromString('--wasm-wrapper-tiering-budget=2000000000')
}
