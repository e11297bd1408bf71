// How many web shells of labelled folders are found, and how many ordinary files are taken for one, per language, with 95 % intervals; how fast; and what
// YARA says of the same files in the same run.
// Run: node bench/webshell.ts --malicious DIR... --benign DIR... [--yara DIR...] [--jobs N] [--errors N]
// Files are read as bytes and never executed. Copies (the same but for white space) count once; a file with both labels is left out.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { syntaxParsers } from '../src/pipeline/syntax-parsers.ts'
import { webroot } from '../src/pipeline/webroot/index.ts'
import { judgeFile } from '../src/pipeline/webroot/judge-batch.ts'
import type { FileOutcome } from '../src/pipeline/webroot/judged-file.ts'
import { type Label, type LabelledFile, labelledFiles, languages } from './webshell/labelled-files.ts'
import { cYara, type YaraRun, yaraX } from './webshell/other-programs.ts'
import { percent, wilson } from './webshell/wilson.ts'

const { values, positionals } = parseArgs({
  args: withRepeats(process.argv.slice(2)),
  options: {
    malicious: { type: 'string', multiple: true, default: [] },
    benign: { type: 'string', multiple: true, default: [] },
    yara: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: String(availableParallelism()) },
    errors: { type: 'string', default: '1000000' },
  },
  allowPositionals: true,
})
const jobs = Number(values.jobs)
if (positionals.length > 0 || values.malicious.length + values.benign.length === 0 || !(jobs >= 1)) {
  console.error('usage: node bench/webshell.ts --malicious DIR... --benign DIR... [--yara DIR...] [--jobs N] [--errors N]')
  process.exit(2)
}

/** `--malicious A B` is `--malicious A --malicious B`. */
function withRepeats(typed: readonly string[]): string[] {
  let option = ''
  return typed.flatMap(word => {
    if (word.startsWith('--')) {
      option = word
      return []
    }
    return option === '' ? [word] : [option, word]
  })
}

interface Judged extends LabelledFile {
  readonly outcome: FileOutcome
  readonly milliseconds: number
}

/** A hit is web-shell, uploader or dropper; suspicious and modified count for neither side. */
const HITS: ReadonlySet<string> = new Set(['web-shell', 'uploader', 'dropper'])
const isHit = ({ outcome }: Judged) => outcome.state === 'judged' && HITS.has(outcome.judgement.verdict)

const { files, copies, bothLabels } = labelledFiles(values.malicious, values.benign)
console.log(`${files.length} files; left out: ${copies} copies, ${bothLabels} with both labels`)

const parsers = await syntaxParsers()
const judged = files.map((file): Judged => {
  const begun = performance.now()
  const outcome = judgeFile({ path: file.path, file: file.path }, parsers)
  return { ...file, outcome, milliseconds: performance.now() - begun }
})

const runs: readonly YaraRun[] =
  values.yara.length > 0 ? [await yaraX(values.yara, files, jobs), ...cYara(values.yara, files, jobs)] : []
for (const { name, refused } of runs) if (refused > 0) console.log(`${name}: ${refused} rules refused`)

table('recall', 'malicious')
table('false positives', 'benign')
verdictsByLanguage()
await speed()
slowest()
errors('missed', 'malicious', file => !isHit(file))
errors('false alarms', 'benign', isHit)

function table(title: string, label: Label): void {
  const all = judged.filter(file => file.label === label)
  if (all.length === 0) return
  console.log(`\n${title}: hits of all, share, 95 % interval (Wilson)`)
  for (const language of [...languages, undefined]) {
    const own = all.filter(file => language === undefined || file.language === language)
    if (own.length === 0) continue
    const row = (name: string, hits: number) =>
      console.log(
        `  ${(language ?? 'all').padEnd(6)} ${name.padEnd(10)} ${String(hits).padStart(6)} of ${String(own.length).padStart(6)}  ${shareOf(hits, own.length)}`,
      )
    row('barograph', own.filter(isHit).length)
    for (const { name, hits } of runs) row(name, own.filter(({ path }) => hits.has(path)).length)
  }
}

function shareOf(hits: number, all: number): string {
  const [low, high] = wilson(hits, all)
  return `${percent(hits / all)}  ${percent(low)} to ${percent(high)}`
}

function verdictsByLanguage(): void {
  console.log('\nverdicts')
  for (const label of ['malicious', 'benign'] as const)
    for (const language of languages) {
      const own = judged.filter(file => file.label === label && file.language === language)
      const counts = new Map<string, number>()
      for (const { outcome } of own) {
        const word =
          outcome.state === 'judged'
            ? `${outcome.judgement.verdict}${outcome.judgement.whyNotParsed === undefined ? '' : ', not parsed'}`
            : outcome.state
        counts.set(word, (counts.get(word) ?? 0) + 1)
      }
      if (own.length > 0)
        console.log(
          `  ${label.padEnd(10)} ${language.padEnd(6)} ${[...counts]
            .sort((a, b) => b[1] - a[1])
            .map(([word, count]) => `${count} ${word}`)
            .join(', ')}`,
        )
    }
}

/** The verb itself over whole folders, copies too, as a user runs it; then the other programs on the files above. */
async function speed(): Promise<void> {
  console.log(`\nspeed (${jobs} jobs)`)
  for (const [label, folders] of [
    ['malicious', values.malicious],
    ['benign', values.benign],
  ] as const) {
    if (folders.length === 0) continue
    const before = process.memoryUsage.rss()
    const summary = await webroot(
      { roots: folders, against: [], yara: [], jobs },
      { file: async () => true, diagnostic: () => undefined, say: () => undefined },
    )
    const { files: count, seconds, bytes, prefiltered, parsed, notParsed } = summary
    console.log(
      `  ${label.padEnd(10)} barograph  ${rate(count, seconds)}, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s; ${count} files in ${seconds.toFixed(1)} s: ${prefiltered} prefiltered, ${parsed} parsed, ${notParsed} not parsed; ${Math.round((process.memoryUsage.rss() - before) / 1e6)} MB more than before`,
    )
    for (const { name, seconds: took } of runs) {
      const own = files.filter(file => file.label === label).length
      const share = took.get(label)
      if (share !== undefined)
        console.log(`  ${label.padEnd(10)} ${name.padEnd(10)} ${rate(own, share)}; ${own} files in ${share.toFixed(1)} s`)
    }
  }
}

function rate(count: number, seconds: number): string {
  return `${Math.round(count / seconds)} files/s`
}

function slowest(): void {
  console.log('\nslowest files (one thread)')
  for (const { path, milliseconds, outcome } of [...judged].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 10))
    console.log(`  ${milliseconds.toFixed(0).padStart(6)} ms  ${'bytes' in outcome ? outcome.bytes : 0} bytes  ${path}`)
}

function errors(title: string, label: Label, isWrong: (file: Judged) => boolean): void {
  const wrong = judged.filter(file => file.label === label && isWrong(file))
  console.log(`\n${title}: ${wrong.length}`)
  for (const { path, language, outcome, sha1 } of wrong.slice(0, Number(values.errors))) {
    const others = runs.filter(({ hits }) => hits.has(path)).map(({ name }) => name)
    console.log(
      `  ${language.padEnd(5)} ${path}  ${sha1.slice(0, 12)}${others.length > 0 ? `  [hit by ${others.join(', ')}]` : ''}`,
    )
    if (outcome.state !== 'judged') {
      console.log(`        ${outcome.state}`)
      continue
    }
    const { verdict, score, reasons, prefiltered, whyNotParsed } = outcome.judgement
    const notes = [prefiltered ? 'prefiltered' : '', whyNotParsed === undefined ? '' : `not parsed: ${whyNotParsed}`].filter(
      note => note !== '',
    )
    console.log(`        ${verdict} ${score}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`)
    for (const { what, line, weight } of reasons.slice(0, 8))
      console.log(`        ${weight >= 0 ? '+' : ''}${weight}  line ${line}: ${JSON.stringify(what).slice(1, 200)}`)
  }
}
