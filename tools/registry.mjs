// Writes src/readers/registry.ts and src/detect/registry.ts from the folders, so that a new format is one folder and a new
// detector one file. `--check` only says whether they are up to date (exit code 1 when not).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', 'src')
const HEADER = '// Written by `npm run registry` from the folders; do not edit.\n'

const folders = directory =>
  existsSync(directory) ? readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name).sort() : []
const camel = name => name.replace(/[-/.](\w)/g, (_, letter) => letter.toUpperCase())

function readersRegistry() {
  const names = folders(join(root, 'readers')).filter(name => existsSync(join(root, 'readers', name, 'reader.ts')))
  const imports = []
  const items = []
  for (const name of names) {
    const text = readFileSync(join(root, 'readers', name, 'reader.ts'), 'utf8')
    const many = /export const readers\b/.test(text)
    const local = camel(name)
    imports.push(`import { ${many ? 'readers' : 'reader'} as ${local} } from './${name}/reader.ts'`)
    items.push(many ? `...${local}` : local)
  }
  return `${HEADER}import type { Reader } from '../model/index.ts'\n${imports.join('\n')}${imports.length ? '\n' : ''}
/** Every format we read. */
export const readers: readonly Reader[] = [${items.join(', ')}]\n`
}

const DETECTOR = /^export const (\w+): (?:RecordDetector|SetDetector|ContentDetector)\b/gm

function detectorsRegistry() {
  const imports = []
  const items = []
  for (const area of folders(join(root, 'detect'))) {
    const files = readdirSync(join(root, 'detect', area)).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()
    for (const file of files) {
      const names = [...readFileSync(join(root, 'detect', area, file), 'utf8').matchAll(DETECTOR)].map(match => match[1])
      if (names.length === 0) continue
      imports.push(`import { ${names.toSorted().join(', ')} } from './${area}/${file}'`)
      items.push(...names)
    }
  }
  return `${HEADER}import type { Detector } from '../model/index.ts'\n${imports.join('\n')}${imports.length ? '\n' : ''}
/** Every detector. */
export const detectors: readonly Detector[] = [\n${items.map(name => `  ${name} as Detector,\n`).join('')}]\n`
}

let stale = false
for (const [file, text] of [
  [join(root, 'readers', 'registry.ts'), readersRegistry()],
  [join(root, 'detect', 'registry.ts'), detectorsRegistry()],
]) {
  const old = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (old === text) continue
  stale = true
  if (process.argv.includes('--check')) console.error(`${file} is not up to date: run "npm run registry"`)
  else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
if (stale && process.argv.includes('--check')) process.exitCode = 1
