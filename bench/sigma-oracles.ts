// Do random rules mean to another program what they mean here? Each rule is held against each record by both; every difference is shown.
// Run: node bench/sigma-oracles.ts 'python3 bench/sigma-oracles/pysigma.py' [RULES=2000] [SEED=1]
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { compileSigma } from '../src/rules/index.ts'
import { processStartOf, randomRecord, randomRule } from '../test/sigma/random-rules.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const [command = '', count = '2000', seed = '1'] = positionals
const RECORDS = 60
/** Differences shown in full. */
const MAX_SHOWN = 15

/** What is meant otherwise here on purpose (docs/sigma.md), or has no form there: a part of a keyword, "neq" with a field that may be absent. */
const OTHERWISE = /\|(?:fieldref|hour|day|week|month)\b[^"]*\|neq\b|"\|(?:startswith|endswith)\b/
const rules = fc
  .sample(randomRule(), { numRuns: Number(count), seed: Number(seed) })
  .filter(text => !OTHERWISE.test(text))
  // Words of a condition in capitals are refused there.
  .map(text => text.replaceAll('AND NOT', 'and not'))
const records = fc
  .sample(randomRecord(), { numRuns: RECORDS, seed: Number(seed) })
  // JSON cannot hold half a pair, and the other program reads JSON.
  .map(record => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value.toWellFormed()])))

const ours = new Set<string>()
const events = records.map(processStartOf)
// Keywords look at all values, so both see the same ones.
const seen = events.map(({ original }) => Object.fromEntries([...original.names()].map(name => [name, original.get(name) ?? ''])))
for (const [number, text] of rules.entries()) {
  const { matcher } = compileSigma([{ path: `${number}.yml`, text }], { fullScan: true })
  for (const [place, event] of events.entries()) if (matcher.match(event).length > 0) ours.add(`${number} ${place}`)
}

const [program = '', ...words] = command.split(' ')
const answer = execFileSync(program, words, {
  input: JSON.stringify({ rules: rules.map(text => text.toWellFormed()), records: seen }),
  encoding: 'utf8',
  maxBuffer: 1 << 30,
})
const { holds, refused }: { holds: [number, number][]; refused: Record<string, string> } = JSON.parse(answer)
const theirs = new Set(holds.map(pair => pair.join(' ')))
const compared = rules.filter((_, number) => !(number in refused)).length

const reasons = new Map<string, number>()
for (const reason of Object.values(refused)) {
  const kind = reason.replace(/[{'"].*/s, '').slice(0, 100)
  reasons.set(kind, (reasons.get(kind) ?? 0) + 1)
}
let differences = 0
let agreed = 0
const different = new Set<number>()
for (const [number, text] of rules.entries()) {
  if (number in refused) continue
  for (const [place] of records.entries()) {
    const key = `${number} ${place}`
    if (ours.has(key) === theirs.has(key)) {
      if (ours.has(key)) agreed++
      continue
    }
    differences++
    if (different.size < MAX_SHOWN && !different.has(number))
      console.log(`${ours.has(key) ? 'only here' : 'only there'}: ${text}\n    ${JSON.stringify(seen[place])}`)
    different.add(number)
  }
}
console.log(
  `${compared} of ${rules.length} rules compared on ${RECORDS} records: both say yes ${agreed} times, ${differences} differences in ${different.size} rules`,
)
for (const [reason, times] of [...reasons].sort((a, b) => b[1] - a[1])) console.log(`${times} refused there: ${reason}`)
