// Divides a folder of labelled pages in two, the same way each time: pages whose SHA-1 (of the content without white space) ends in an even hexadecimal
// digit may be read while tuning ("opened"), the others are looked at by figures alone ("unopened").
// Run: node bench/webshell/divide.ts --from FOLDER/SOURCE --to FOLDER; hard links below FOLDER/opened/SOURCE and FOLDER/unopened/SOURCE.
import { linkSync, mkdirSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { labelledFiles } from './labelled-files.ts'

const { values } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } })
if (values.from === undefined || values.to === undefined) {
  console.error('usage: node bench/webshell/divide.ts --from FOLDER/SOURCE --to FOLDER')
  process.exit(2)
}
const from = resolve(values.from)
const count = { opened: 0, unopened: 0 }
for (const { path, sha1 } of labelledFiles([from], []).files) {
  const half = Number.parseInt(sha1.slice(-1), 16) % 2 === 0 ? 'opened' : 'unopened'
  const target = join(values.to, half, basename(from), relative(from, resolve(path)))
  mkdirSync(dirname(target), { recursive: true })
  linkSync(path, target)
  count[half] += 1
}
console.log(`${count.opened} opened, ${count.unopened} unopened`)
