// Measures attribution by techniques on published reports: `node bench/attribution.ts ATTACK.json`, where the file is MITRE ATT&CK reduced
// with the citations of each relation (tools/knowledge.mjs reads the same file). Each report of a group is held out in turn: its citation is
// removed from every count, what only it says leaves the profile, and the group has to be found by the techniques the report names.
import { readFileSync } from 'node:fs'
import { groupScorer, isObservable } from '../src/assess/technique-score.ts'
import type { GroupProfile } from '../src/knowledge/index.ts'

interface Group {
  readonly name: string
  readonly uses: readonly (readonly string[])[]
}

const [path, seen = 'all'] = process.argv.slice(2)
if (!path) throw new Error('usage: node bench/attribution.ts ATTACK.json [FRACTION OF TECHNIQUES SEEN]')
const groups: readonly (readonly [string, Group])[] = Object.entries(
  JSON.parse(readFileSync(path, 'utf8')).domains.enterprise.groups,
)

const LEAST_IN_REPORT = 8
const LEAST_LEFT = 5

/** The profiles without one report: its citation counts nowhere, and a relation that only it makes is gone. */
function profilesWithout(report: string): GroupProfile[] {
  return groups.map(([id, group]) => ({
    id,
    name: group.name,
    aliases: [],
    software: new Map(),
    techniques: new Map(
      group.uses
        .filter(([object = '']) => object.startsWith('T'))
        .map(([object = '', ...citations]): [string, number] => [object, new Set(citations.filter(name => name !== report)).size])
        .filter(([, count]) => count > 0),
    ),
  }))
}

const cases = groups.flatMap(([id, group]) => {
  const reports = new Map<string, string[]>()
  for (const [object = '', ...citations] of group.uses)
    if (isObservable(object))
      for (const report of new Set(citations)) reports.set(report, [...(reports.get(report) ?? []), object])
  return [...reports]
    .filter(([, techniques]) => techniques.length >= LEAST_IN_REPORT)
    .map(([report, techniques]) => ({ id, report, techniques }))
})

/** Repeatable choice of a part of the techniques, as a victim with half the logs sees them. */
function part(techniques: readonly string[], fraction: number, seed: string): readonly string[] {
  const hash = (text: string) => [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) | 0, 7) >>> 0
  return techniques
    .toSorted((a, b) => hash(seed + a) - hash(seed + b))
    .slice(0, Math.max(1, Math.round(techniques.length * fraction)))
}

const ranks: number[] = []
const margins: { readonly margin: number; readonly right: boolean; readonly count: number }[] = []
const unknown: { readonly margin: number; readonly count: number }[] = []
for (const { id, report, techniques } of cases) {
  const profiles = profilesWithout(report)
  const left = [...(profiles.find(profile => profile.id === id)?.techniques.keys() ?? [])].filter(isObservable).length
  if (left < LEAST_LEFT) continue
  const observed = part(techniques, seen === 'all' ? 1 : Number(seen), report)
  const scores = groupScorer(profiles).scores(observed)
  ranks.push(scores.findIndex(score => score.group.id === id) + 1)
  const margin = (scores[0]?.score ?? 0) - (scores[1]?.score ?? 0)
  margins.push({ margin, right: scores[0]?.group.id === id, count: observed.length })
  const others = groupScorer(profiles.filter(profile => profile.id !== id)).scores(observed)
  unknown.push({ margin: (others[0]?.score ?? 0) - (others[1]?.score ?? 0), count: observed.length })
}
const share = (count: number, of: number) => `${((100 * count) / Math.max(of, 1)).toFixed(1)} %`
console.log(
  `${ranks.length} reports; top-1 ${share(ranks.filter(rank => rank === 1).length, ranks.length)}, top-3 ${share(ranks.filter(rank => rank <= 3).length, ranks.length)}, MRR ${(ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length).toFixed(3)}`,
)
for (const least of [0, 0.5, 1, 1.5, 2, 3, 4]) {
  const named = margins.filter(entry => entry.margin >= least)
  const wrong = unknown.filter(entry => entry.margin >= least)
  console.log(
    `lead of ${least}: answers ${share(named.length, margins.length)}, right ${share(named.filter(entry => entry.right).length, named.length)}; a group that is not in the list is still named in ${share(wrong.length, unknown.length)}`,
  )
}
