import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '..', 'src')

/** What each folder may import, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  evidence: ['model'],
  readers: ['model', 'evidence'],
  knowledge: ['model'],
  rules: ['model'],
  store: ['model'],
  detect: ['model', 'rules', 'knowledge'],
  correlate: ['model', 'knowledge'],
  assess: ['model', 'knowledge'],
  report: ['model', 'knowledge'],
  pipeline: ['model', 'evidence', 'readers', 'knowledge', 'rules', 'store', 'detect', 'correlate', 'assess', 'report'],
  serve: ['model', 'store', 'report', 'pipeline'],
  cli: ['model', 'report', 'pipeline', 'serve'],
}
const MAY_USE_NODE = new Set(['evidence', 'store', 'serve', 'cli', 'pipeline'])
/** Folders whose subfolders must not import each other; the named ones are shared. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = { readers: ['carriers', 'meanings'], detect: [], rules: [] }
/** The one folder that owns an npm module. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['store/duckdb'],
  commander: ['cli'],
  piscina: ['pipeline'],
  yauzl: ['evidence'],
  'tar-stream': ['evidence'],
  zod: ['readers/assets', 'pipeline', 'knowledge'],
  yaml: ['readers/assets', 'evidence', 'pipeline', 'rules/sigma'],
  'csv-parse': ['readers/assets', 'readers/carriers'],
  'ipaddr.js': ['model', 'correlate', 'knowledge'],
  'web-tree-sitter': ['detect/web-shell'],
  '@vscode/tree-sitter-wasm': ['detect/web-shell', 'pipeline'],
  '@litko/yara-x': ['rules/yara'],
  re2js: ['rules/sigma'],
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map(name => join(SRC, name))

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/g

const imports = files.flatMap(file => {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(IMPORT)].map(match => ({
    file,
    target: match[1] ?? match[2] ?? '',
    typeOnly: /^\s*(import|export) type\b/.test(match[0].trim()),
  }))
})

const folderOf = (file: string) => relative(SRC, file).split('/')

describe('architecture', () => {
  test('folders import only what the table allows', () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith('.'))
      .map(({ file, target }) => ({ file, to: resolve(dirname(file), target) }))
      .filter(({ file, to }) => {
        const [from = ''] = folderOf(file)
        const [other = ''] = folderOf(to)
        if (from.endsWith('.ts') || other === from) return false
        return !(MAY_IMPORT[from] ?? []).includes(other)
      })
      .map(({ file, to }) => `${relative(SRC, file)} may not see ${relative(SRC, to)}`)
    expect(wrong).toEqual([])
  })

  test('siblings do not import each other', () => {
    const wrong = imports
      .filter(({ target }) => target.startsWith('.'))
      .map(({ file, target }) => ({ from: folderOf(file), to: folderOf(resolve(dirname(file), target)) }))
      .filter(({ from, to }) => {
        const shared = SIBLINGS[from[0] ?? '']
        if (!shared || from[0] !== to[0] || from.length < 3 || to.length < 3) return false
        if (from[1] === to[1] || shared.includes(to[1] ?? ''))
          return shared.includes(from[1] ?? '') && !shared.includes(to[1] ?? '')
        return true
      })
      .map(({ from, to }) => `${from.join('/')} may not see ${to.join('/')}`)
    expect(wrong).toEqual([])
  })

  test('node modules only where disk, network, clock and process are allowed', () => {
    const wrong = imports
      .filter(({ file, target }) => target.startsWith('node:') && !MAY_USE_NODE.has(folderOf(file)[0] ?? ''))
      .map(({ file, target }) => `${relative(SRC, file)} uses ${target}`)
    expect(wrong).toEqual([])
  })

  test('each npm module only in the folder that owns it', () => {
    const wrong = imports
      .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
      .filter(({ file, target }) => {
        const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? '')
        return !(OWNERS[name] ?? []).some(owner => relative(SRC, file).startsWith(`${owner}/`))
      })
      .map(({ file, target }) => `${relative(SRC, file)} imports ${target}`)
    expect(wrong).toEqual([])
  })

  test('no cycle of files', () => {
    const graph = new Map<string, string[]>()
    for (const { file, target, typeOnly } of imports)
      if (target.startsWith('.') && !typeOnly) graph.set(file, [...(graph.get(file) ?? []), resolve(dirname(file), target)])
    const state = new Map<string, 'open' | 'done'>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].map(name => relative(SRC, name)).join(' -> '))
        return
      }
      state.set(file, 'open')
      for (const next of graph.get(file) ?? []) visit(next, [...path, file])
      state.set(file, 'done')
    }
    for (const file of graph.keys()) visit(file, [])
    expect(cycles).toEqual([])
  })

  test('no folder named after nothing', () => {
    const wrong = files.filter(file =>
      folderOf(file).some(part => ['utils', 'helpers', 'common', 'utils.ts', 'helpers.ts', 'common.ts'].includes(part)),
    )
    expect(wrong).toEqual([])
  })

  test('no any, no enum, no default export', () => {
    const wrong = files.flatMap(file =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line, index) => ({
          line: line.replace(/\/\/.*|'[^']*'|^\s*\*.*/g, ''),
          where: `${relative(SRC, file)}:${index + 1}`,
        }))
        .filter(({ line }) => /(?::|<|\bas)\s*any\b|^\s*(export )?(const )?enum |^export default /.test(line))
        .map(({ where }) => where),
    )
    expect(wrong).toEqual([])
  })
})
