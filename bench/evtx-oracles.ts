// Compares `evtx dump --format xml` with other parsers, leaf by leaf: every text and attribute of every record both give.
// Run: node bench/evtx-oracles.ts [--oracle 'NAME=PROGRAM WORDS {file}']... FOLDER OR FILE...
// Without --oracle: evtxexport (libevtx) and evtx_dump (the Rust crate evtx), both on the PATH.
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { dumpLogs } from '../src/pipeline/evtx/dump.ts'

/** Leaves of one record: "Event/System/EventID" or "Event/EventData/Data[Image]" and its text, in order. */
type Leaves = readonly (readonly [string, string])[]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    oracle: {
      type: 'string',
      multiple: true,
      default: ['evtxexport=evtxexport -f xml {file}', 'evtx_dump=evtx_dump -o xml -t 1 --no-confirm-overwrite {file}'],
    },
  },
})

/** What each other program prints of a log. */
const oracles = new Map(
  values.oracle.map(text => {
    const [, name = '', command = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    const [program = '', ...words] = command.split(' ')
    return [
      name,
      (file: string) =>
        run(
          program,
          words.map(word => word.replace('{file}', () => file)),
        ),
    ] as const
  }),
)

function run(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch (error) {
    // Damaged logs end some programs with an error after what they could read.
    if (typeof error === 'object' && error !== null && 'stdout' in error && typeof error.stdout === 'string') return error.stdout
    throw error
  }
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const plain = (text: string) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex?: string, decimal?: string, name?: string) =>
    name !== undefined ? (ENTITIES[name] ?? all) : String.fromCodePoint(Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10)),
  )

/** One spelling for what is the same value: GUIDs, hexadecimal numbers, times, real numbers, doubled percent signs, white space. */
function canonical(text: string): string {
  const value = plain(text)
    .replace(/[\u0000-\u0020\u007f-\u00a0\ufffd\u2028\u2029]+/gu, ' ')
    .trim()
  const guid = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(value)?.[1]
  if (guid) return guid.toLowerCase()
  const time = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z| UTC|\+00:00)$/.exec(value)
  if (time) return `${time[1]}T${time[2]}.${(time[3] ?? '').padEnd(6, '0')}`
  if (/^0x[0-9a-f]+$/i.test(value))
    return `0x${value
      .slice(2)
      .replace(/^0+(?=.)/, '')
      .toLowerCase()}`
  if (/^-?\d+\.\d+$/.test(value)) return String(Number(value))
  if (/^[0-9a-f]{2,}$/i.test(value)) return value.toUpperCase()
  return value.replaceAll('%%', '%')
}

/** Records of XML text by number and time. */
function recordsOf(xml: string): Map<string, Leaves> {
  const records = new Map<string, Leaves>()
  for (const [event] of xml.matchAll(/<Event[ >].*?<\/Event>/gs)) {
    const leaves = leavesOf(event)
    const of = (path: string) => leaves.find(([name]) => name === path)?.[1] ?? ''
    const key = `${of('Event/System/EventRecordID')} ${of('Event/System/TimeCreated@SystemTime')}`
    records.set(key, leaves)
  }
  return records
}

function leavesOf(event: string): Leaves {
  const leaves: [string, string][] = []
  const path: { readonly name: string; children: number; text: string }[] = []
  for (const [, close, name = '', attributes = '', empty, text = ''] of event.matchAll(
    /<(\/)?([^\s/>?!]+)((?:\s+[^\s=]+="[^"]*")*)\s*(\/)?>([^<]*)/g,
  )) {
    if (!close) {
      const own = /\sName="([^"]*)"/.exec(attributes)?.[1]
      const isData = name === 'Data' || name === 'ComplexData'
      const above = path.at(-1)
      if (above) above.children += 1
      path.push({ name: isData && own !== undefined ? `${name}[${plain(own)}]` : name, children: 0, text })
      const place = path.map(one => one.name).join('/')
      for (const [, attribute = '', value = ''] of attributes.matchAll(/\s([^\s=]+)="([^"]*)"/g))
        if (!attribute.startsWith('xmlns') && !(isData && attribute === 'Name') && canonical(value) !== '')
          leaves.push([`${place}@${attribute}`, canonical(value)])
    }
    if (close || empty) {
      const place = path.map(one => one.name).join('/')
      const leaf = path.pop()
      if (leaf && leaf.children === 0 && !empty && canonical(leaf.text) !== '') leaves.push([place, canonical(leaf.text)])
    }
  }
  return leaves
}

function filesOf(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.evtx'))
    .sort()
    .map(name => join(path, name))
}

async function own(file: string): Promise<Map<string, Leaves>> {
  let xml = ''
  for await (const piece of dumpLogs([file], { format: 'xml', carve: false })) if ('text' in piece) xml += piece.text
  return recordsOf(xml)
}

const totals = new Map(
  [...oracles.keys()].map(name => [name, { own: 0, theirs: 0, both: 0, leaves: 0, different: 0, onlyTheirs: 0 }]),
)
const shown = new Map<string, number>()
for (const file of positionals.flatMap(filesOf)) {
  const ours = await own(file)
  for (const [oracle, read] of oracles) {
    const total = totals.get(oracle) ?? { own: 0, theirs: 0, both: 0, leaves: 0, different: 0, onlyTheirs: 0 }
    const theirs = recordsOf(read(file))
    total.own += ours.size
    total.theirs += theirs.size
    if (ours.size !== theirs.size) console.log(`${oracle}  ${basename(file)}  records: ${ours.size} here, ${theirs.size} there`)
    for (const [key, leaves] of theirs) {
      const mine = ours.get(key)
      if (!mine) {
        total.onlyTheirs += 1
        console.log(`${oracle}  ${basename(file)}  only there: ${key}`)
        continue
      }
      total.both += 1
      total.leaves += leaves.length
      const texts = (all: Leaves) => all.map(leaf => leaf.join(' = ')).sort()
      const [a, b] = [texts(mine), texts(leaves)]
      const missing = b.filter(text => !a.includes(text))
      const more = a.filter(text => !b.includes(text))
      if (missing.length + more.length === 0) continue
      total.different += 1
      const kind = `${oracle} ${(missing[0] ?? more[0] ?? '').split(' = ')[0]}`
      const times = (shown.get(kind) ?? 0) + 1
      shown.set(kind, times)
      if (times <= 2)
        console.log(
          `${oracle}  ${basename(file)}  ${key}\n    there: ${missing.slice(0, 3).join(' | ').slice(0, 300)}\n    here:  ${more.slice(0, 3).join(' | ').slice(0, 300)}`,
        )
    }
  }
}
for (const [oracle, { own: mine, theirs, both, leaves, different, onlyTheirs }] of totals)
  console.log(
    `${oracle}: ${mine} records here, ${theirs} there (${onlyTheirs} only there), ${both} compared in ${leaves} values, ${different} records with a difference`,
  )
console.log(
  [...shown]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 40)
    .map(([kind, times]) => `${times}  ${kind}`)
    .join('\n'),
)
