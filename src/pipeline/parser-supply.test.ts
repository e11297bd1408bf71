import { expect, test } from 'vitest'
import { grammarFiles } from '../../test/grammars.ts'
import { Grammars, loadGrammars } from '../detect/web-shell/disk/syntax.ts'
import type { ParsedSyntax } from '../model/index.ts'
import { ParserSupply } from './parser-supply.ts'

/** A module whose one function is "unreachable": what a compiled parser does when its memory is at an end. */
const TRAP = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0, 11,
])
/** Neither Node's types nor ES2024's name it. */
interface Compiler {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: { readonly trap: () => never } }
}
const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Compiler }).WebAssembly
const { trap } = new Instance(new Module(TRAP)).exports

const PAGE = "<?php eval($_POST['x']);"
const tree = await loadGrammars(grammarFiles())

/** The real parser, in which one text is a file that breaks it. */
function breakable(text: string, broken: string): ParsedSyntax | undefined {
  return text === broken ? trap() : tree.parse('php', text)
}

test('a file that breaks the parser costs its own tree alone', async () => {
  const instances: number[] = []
  const supply = new ParserSupply(instance => {
    instances.push(instance)
    return Promise.resolve(new Grammars(new Map([['php', { parse: text => breakable(text, 'breaks') }]])))
  })
  const seen: string[] = []
  for (const text of [PAGE, 'breaks', PAGE, 'breaks', PAGE]) {
    const parsers = await supply.parsers()
    seen.push(parsers.parse('php', text)?.root.type ?? parsers.whyNone ?? '')
  }
  expect(seen).toEqual(['program', 'the parser broke on it', 'program', 'the parser broke on it', 'program'])
  expect(instances).toEqual([0, 1, 2])
})

test('files that break every parser do not have new ones for ever, and that is said', async () => {
  let made = 0
  const supply = new ParserSupply(() => {
    made++
    return Promise.resolve(new Grammars(new Map([['php', { parse: trap }]])))
  })
  const said: (string | undefined)[] = []
  for (let file = 0; file < 12; file++) {
    const parsers = await supply.parsers()
    parsers.parse('php', PAGE)
    said.push(parsers.whyNone)
  }
  expect(made).toBe(9)
  expect(said).toEqual([
    ...Array.from({ length: 9 }, () => 'the parser broke on it'),
    ...Array.from({ length: 3 }, () => 'the parser broke on an earlier file'),
  ])
})

test('another instance has a runtime of its own', async () => {
  const [first, second] = [tree, await loadGrammars(grammarFiles(), 1)]
  expect(second.parse('php', PAGE)).toEqual(first.parse('php', PAGE))
})
