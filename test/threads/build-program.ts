import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, globSync, openSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const stamp = join(root, 'dist', '.built')

/** Builds the program that threads start from, when a source is newer than it; `npm test` has done so already. */
export function setup(): void {
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0
  const sources = [
    ...globSync('src/**/*.{ts,json}', { cwd: root, exclude: name => name.endsWith('registry.ts') }),
    'package.json',
    'tsconfig.json',
  ]
  if (sources.every(name => statSync(join(root, name)).mtimeMs < built)) return
  const begun = new Date()
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) {
    // The compiler writes what it could; whoever is in the middle of a change may still test another part.
    process.stderr.write(`the build has errors:\n${stdout}${stderr}`)
    return
  }
  closeSync(openSync(stamp, 'a'))
  utimesSync(stamp, begun, begun)
}
