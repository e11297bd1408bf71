// The compiler writes plain files; the program's entry must be executable for `npx` and `npm link`.
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'

const entry = join(import.meta.dirname, '..', 'dist', 'cli', 'main.js')
if (existsSync(entry)) chmodSync(entry, 0o755)
