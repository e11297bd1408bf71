// What published rules say of shared/data/sigma-regression, against what was reviewed:
//   npm run rules:baseline -- --rules DIR [--rules DIR]... [--write]
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { BASELINE, baseline, bySource, firings, withoutTwins } from '../test/rule-firings/firings.ts'
import { sharedData } from '../test/shared-data.ts'

const { values } = parseArgs({
  options: { rules: { type: 'string', multiple: true }, write: { type: 'boolean' } },
})
const folder = sharedData('sigma-regression')
if (!values.rules || !folder) {
  console.error(
    folder ? 'name the folders of the rules: --rules DIR' : 'the shared evidence is not here: BAROGRAPH_DATA names its folder',
  )
  process.exit(2)
}
const { loaded, refused, pairs, fullScan } = await firings(values.rules, folder)
const found = withoutTwins(pairs)
console.log(`${loaded} rules loaded, ${refused} refused; ${found.length} firings`)
const { evtx, json } = bySource(pairs)
const lists: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['index and full scan', fullScan, pairs],
  ['event logs and their JSON twins', evtx, json],
]
let isSame = true
for (const [what, left, right] of lists) {
  const differ = difference(left, right)
  isSame &&= differ.length === 0
  console.log(`${what}: ${differ.length === 0 ? 'the same' : `they differ\n${differ.join('\n')}`}`)
}
if (values.write) {
  const head = readFileSync(BASELINE, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('#'))
  writeFileSync(BASELINE, `${[...head, ...found].join('\n')}\n`)
  console.log(`written: ${BASELINE}; read the difference before committing it`)
} else {
  const differ = difference(baseline(), found)
  isSame &&= differ.length === 0
  console.log(differ.length === 0 ? 'as reviewed' : `not as reviewed (- gone, + new)\n${differ.join('\n')}`)
}
process.exit(isSame ? 0 : 1)

/** Lines of one sorted list that the other lacks. */
function difference(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = new Set(before)
  const right = new Set(after)
  return [
    ...before.filter(line => !right.has(line)).map(line => `- ${line}`),
    ...after.filter(line => !left.has(line)).map(line => `+ ${line}`),
  ]
}
