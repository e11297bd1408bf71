// What our rules and record detectors say of events that are benign by their label: medium or higher, each distinct rule, host and object
// once, before findings are joined. Run: node bench/rules-benign.ts [GROUP]
// A false finding is repaired in the rule with a condition that holds in general, never by leaving the record out.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeExample } from '../examples/generator/generate.ts'
import { techniqueAliases, techniqueOf } from '../src/knowledge/index.ts'
import { compareSeverity, textOf } from '../src/model/index.ts'
import { hunt, query } from '../src/pipeline/index.ts'
import { sharedData } from '../test/shared-data.ts'

interface Group {
  readonly name: string
  /** Who says that nothing happened here. */
  readonly label: string
  /** Where the evidence is; it may be made in the given folder. Nothing when it does not lie beside the repository. */
  evidence(folder: string): Promise<readonly Item[]> | readonly Item[]
}

interface Item {
  readonly path: string
  /** The one behaviour that was acted in it, as techniques: hits that answer it are right, all others are about the background. */
  readonly acted: readonly string[]
}

const quiet = (path: string): Item => ({ path, acted: [] })

/** Seeds of made evidence; the example itself is made with seed 1. */
const SEEDS = [11, 12, 13, 14]

const GROUPS: readonly Group[] = [
  {
    name: 'recorded',
    label: 'benign by the word of the collection',
    evidence: () =>
      [
        sharedData('evtx-benign'),
        sharedData('web-and-auth-elastic', 'apache_access_10000.log.gz'),
        sharedData('rita-proxy-rolling'),
      ].flatMap(path => (path === undefined ? [] : [quiet(path)])),
  },
  {
    name: 'background',
    label:
      'recorded in a laboratory around one acted behaviour; what that behaviour sets off under another technique is counted as well',
    evidence() {
      const folder = sharedData('mordor-atomic')
      if (folder === undefined) return []
      const rows = JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8')) as readonly {
        readonly file: string
        readonly techniques: readonly string[]
      }[]
      return rows.map(({ file, techniques }) => ({ path: join(folder, file), acted: techniques }))
    },
  },
  {
    name: 'made',
    label: 'made by the generator of the example without its intrusion',
    async evidence(folder) {
      for (const seed of SEEDS) await writeExample(join(folder, `seed-${seed}`), seed, false)
      return SEEDS.map(seed => quiet(join(folder, `seed-${seed}`)))
    },
  },
]

const HITS = `select source, rule, "ruleTitle" as title, severity, host, object, techniques, count(*) as hits from rule_hit
  where severity in ('medium', 'high', 'critical') group by all order by source desc, rule, host, object`

/** The same technique in any version of ATT&CK, its parent, or one of its sub-techniques. */
function isSame(claim: string, label: string): boolean {
  return [label, ...techniqueAliases(label)].some(
    name => claim === name || techniqueOf(name)?.parent === claim || techniqueOf(claim)?.parent === name,
  )
}

async function measure(group: Group, folder: string): Promise<void> {
  const evidence = await group.evidence(folder)
  if (evidence.length === 0) {
    console.log(`${group.name}: not beside the repository, left out`)
    return
  }
  let events = 0
  const distinct = new Map<
    string,
    { readonly source: string; readonly title: string; readonly severity: string; count: number }
  >()
  // One case each: worlds made with different seeds have the same names.
  for (const [index, { path, acted }] of evidence.entries()) {
    const directory = join(folder, `case-${index}`)
    const { report } = await hunt({
      evidence: [path],
      caseDirectory: directory,
      rules: [],
      assets: undefined,
      sources: [],
      since: undefined,
      until: undefined,
      jobs: 2,
      command: 'bench',
    })
    const here = report?.generatedFrom.evidence.reduce((sum, item) => sum + item.events, 0) ?? 0
    events += here
    console.log(`  ${path.split('/').slice(-2).join('/')}: ${here.toLocaleString('en')} events`)
    // Correlations are judged after reading: their hits are witnesses of findings.
    const counted = new Set<string>()
    for await (const row of query(directory, 'select distinct rule from rule_hit')) counted.add(textOf(row, 'rule'))
    for (const { witnesses, hosts, title } of report?.findings ?? [])
      for (const { source, rule, title: said, level } of witnesses)
        if (source === 'sigma' && !counted.has(rule) && compareSeverity(level, 'medium') >= 0) {
          console.log(`    ${level} ${said} on ${hosts.join(', ')}: ${title.slice(0, 120)}`)
          const known = distinct.get(rule) ?? { source, title: said, severity: level, count: 0 }
          distinct.set(rule, { ...known, count: known.count + 1 })
        }
    for await (const row of query(directory, HITS)) {
      if (
        textOf(row, 'techniques')
          .split('\n')
          .some(claim => acted.some(label => isSame(claim, label)))
      )
        continue
      const rule = textOf(row, 'rule')
      const known = distinct.get(rule) ?? {
        source: textOf(row, 'source'),
        title: textOf(row, 'title'),
        severity: textOf(row, 'severity'),
        count: 0,
      }
      distinct.set(rule, { ...known, count: known.count + 1 })
      console.log(
        `    ${textOf(row, 'severity')} ${textOf(row, 'source') === 'sigma' ? textOf(row, 'title') : rule} on ${textOf(row, 'host')}: ${textOf(row, 'object').slice(0, 120)}`,
      )
    }
  }
  const rows = [...distinct.values()]
  const sum = (source: string) => rows.filter(row => row.source === source).reduce((total, row) => total + row.count, 0)
  const rate = (count: number) => ((count * 10_000) / Math.max(1, events)).toFixed(2)
  console.log(`${group.name} (${group.label}): n = ${events.toLocaleString('en')} events`)
  console.log(`  our rules: ${sum('sigma')} of medium or higher, ${rate(sum('sigma'))} in 10,000 events`)
  console.log(`  our detectors of single records: ${sum('barograph')}, ${rate(sum('barograph'))} in 10,000 events`)
  for (const row of rows.toSorted((a, b) => b.count - a.count)) console.log(`    ${row.count} ${row.severity} ${row.title}`)
}

const wanted = process.argv[2] ?? ''
for (const group of GROUPS.filter(({ name }) => name.includes(wanted))) {
  const folder = mkdtempSync(join(tmpdir(), 'barograph-benign-'))
  try {
    await measure(group, folder)
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true })
  }
}
