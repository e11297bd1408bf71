// Reduces public knowledge to what the program uses: `node tools/knowledge.mjs FOLDER`, where FOLDER holds attack.json (MITRE ATT&CK
// reduced from mitre/cti), kev.json (CISA) and end-of-life.json (endoflife.date). Rows are short arrays of text, so that the type
// checker does not have to infer thousands of object types and a new release shows as a readable diff.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('usage: node tools/knowledge.mjs FOLDER')
const out = join(import.meta.dirname, '..', 'src', 'knowledge', 'data')
const read = name => JSON.parse(readFileSync(join(folder, name), 'utf8'))

/** One row a line: small enough to review, and git packs it well. */
function write(name, head, rows) {
  const lines = rows.map(row => `    ${JSON.stringify(row)}`).join(',\n')
  const fields = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`).join('')
  writeFileSync(join(out, name), `{\n${fields}  "rows": [\n${lines}\n  ]\n}\n`)
}
const sorted = table => Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1))

const attack = read('attack.json')
const head = { source: attack.source, notice: attack.notice }
const { enterprise, ics } = attack.domains

write('tactics.json', { ...head, columns: ['id', 'short name', 'name', 'domain'] }, [
  ...sorted(enterprise.tactics).map(([id, tactic]) => [id, tactic.shortName, tactic.name, 'enterprise']),
  ...sorted(ics.tactics).map(([id, tactic]) => [id, tactic.shortName, tactic.name, 'ics']),
])
write('techniques.json', { ...head, columns: ['id', 'name', 'tactics', 'domain'] }, [
  ...sorted(enterprise.techniques).map(([id, technique]) => [id, technique.name, technique.tactics.join(' '), 'enterprise']),
  ...sorted(ics.techniques).map(([id, technique]) => [id, technique.name, technique.tactics.join(' '), 'ics']),
])
// A relation "uses" names its reports; how many different ones there are is the weight of the relation in a profile.
const uses = entity => entity.uses.map(([id, ...citations]) => `${id}:${Math.max(1, new Set(citations).size)}`).join(' ')
write('groups.json', { ...head, columns: ['id', 'name', 'aliases', 'technique or software:number of reports'] },
  sorted(enterprise.groups).map(([id, group]) => [id, group.name, group.aliases.join('; '), uses(group)]))
write('software.json', { ...head, columns: ['id', 'name', 'kind', 'aliases'] },
  sorted(enterprise.software).map(([id, software]) => [id, software.name, software.kind, software.aliases.join('; ')]))
write('ics-assets.json', { ...head, columns: ['id', 'name', 'sectors', 'techniques that target it'] },
  sorted(ics.assets).map(([id, asset]) => [id, asset.name, asset.sectors.join('; '), asset.targetedBy.toSorted().join(' ')]))

const kev = read('kev.json')
write('known-exploited.json', { source: kev.source, released: kev.released, columns: ['cve', 'vendor', 'product', 'added', 'ransomware'] },
  kev.entries.map(entry => [entry.cve, entry.vendor, entry.product, entry.added, entry.ransomware ? 'yes' : '']).sort((a, b) => (a[0] < b[0] ? -1 : 1)))

const life = read('end-of-life.json')
write('end-of-life.json', { source: life.source, columns: ['product', 'title', 'cycle', 'released', 'end of life', 'latest'] },
  sorted(life.products).flatMap(([id, product]) =>
    product.releases.map(release => [id, product.title, String(release.cycle), String(release.released ?? ''), String(release.eol ?? ''), String(release.latest ?? '')])))
