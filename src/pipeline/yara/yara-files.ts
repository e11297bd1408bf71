import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RuleFile } from '../../model/index.ts'
import { UsageError } from '../usage-error.ts'

/** Reads the rule files under paths: a file whatever its name, of a folder those named as YARA names them. */
export function yaraFiles(paths: readonly string[]): readonly RuleFile[] {
  return paths.flatMap(path => {
    if (!existsSync(path))
      throw new UsageError(
        'yara/missing-path',
        `YARA rules at ${path}: no such file or folder`,
        'name a rule file or a folder of them',
      )
    if (statSync(path).isFile()) return [{ path, text: readFileSync(path, 'utf8') }]
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter(name => /\.yara?$/i.test(name) && statSync(join(path, name), { throwIfNoEntry: false })?.isFile() === true)
      .sort()
      .map(name => ({ path: join(path, name), text: readFileSync(join(path, name), 'utf8') }))
  })
}
