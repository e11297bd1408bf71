// After a build: makes the program's entry executable and puts it where `npx barograph` looks in a clone (npm does not link a
// project's own bin into its own node_modules).
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const entry = join(root, 'dist', 'cli', 'main.js')
const bin = join(root, 'node_modules', '.bin')

if (existsSync(entry)) {
  chmodSync(entry, 0o755)
  mkdirSync(bin, { recursive: true })
  rmSync(join(bin, 'barograph'), { force: true })
  symlinkSync(join('..', '..', 'dist', 'cli', 'main.js'), join(bin, 'barograph'))
}
