import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const packageFile = join(import.meta.dirname, '..', '..', 'package.json')

/** Version of this program, as its package says it. */
export const programVersion: string = (JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly version: string }).version
