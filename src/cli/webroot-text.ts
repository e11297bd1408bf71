import { isoFromMicros, microsFromMillis } from '../model/index.ts'
import type { FileVerdict, JudgedFile, WebrootSummary } from '../pipeline/webroot/index.ts'
import { shorten, visible } from '../report/text/visible.ts'

/** Worst first. */
const ORDER: readonly FileVerdict[] = ['web-shell', 'uploader', 'dropper', 'suspicious', 'modified', 'clean']
/** Files told in full; a person with ten minutes reads no more, and `--format json` has all. */
const TOLD = 100
/** Kept while it runs, so that memory stays bounded whatever the tree holds. */
const KEPT = 4 * TOLD
const MAX_REASONS = 8
const MAX_LAYERS = 3
const LAYER_CHARACTERS = 600
const DIFFERENCE_LINES = 24
const YARA_RULES = 5

const INNOCENT: Readonly<Record<FileVerdict, string>> = {
  'web-shell':
    'an administration or diagnosis page of the product itself; then its maker has it, at this place, with this content',
  uploader: 'an upload form of the application; then pages link to it, it asks for a log-in, and what it keeps is not run',
  dropper: 'an installer or updater that writes its own pages; then it came with the product',
  suspicious: 'packed or licensed commercial code, a template engine, a plugin that evaluates its settings',
  modified: 'an update or a change by whoever runs the site; then somebody can say when and why',
  clean: '',
}

/** Keeps the worst files and tells them. */
export class WorstFiles {
  #files: JudgedFile[] = []
  readonly #counts = new Map<FileVerdict, number>()

  add(file: JudgedFile): void {
    this.#counts.set(file.verdict, (this.#counts.get(file.verdict) ?? 0) + 1)
    this.#files.push(file)
    if (this.#files.length >= 2 * KEPT) this.#files = this.#files.sort(worstFirst).slice(0, KEPT)
  }

  text(summary: WebrootSummary, colour: boolean): string {
    const told = this.#files.sort(worstFirst).slice(0, TOLD)
    const all = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    return [
      ...told.map(file => fileText(file, colour)),
      ...(all > told.length ? [`… and ${number(all - told.length)} more files; --format json has all.\n`] : []),
      ...(told.some(({ verdict }) => verdict !== 'modified') ? [collect(told)] : []),
      this.#ending(summary),
    ].join('\n')
  }

  #ending({ files, bytes, seconds, prefiltered, parsed, notParsed, known, unreadable, interrupted }: WebrootSummary): string {
    const found = ORDER.filter(verdict => this.#counts.has(verdict)).map(
      verdict => `${number(this.#counts.get(verdict) ?? 0)} ${verdict}`,
    )
    const notes = [
      known > 0 ? `${number(known)} known and unchanged` : '',
      `${number(prefiltered)} hold nothing that could be a shell`,
      `${number(parsed)} parsed`,
      notParsed > 0 ? `${number(notParsed)} not parsed (judged by their words)` : '',
      unreadable > 0 ? `${number(unreadable)} not readable` : '',
    ].filter(note => note !== '')
    return `${interrupted ? 'Stopped: ' : ''}${number(files)} files, ${(bytes / 1e6).toFixed(1)} MB, ${seconds.toFixed(1)} s: ${found.length === 0 ? 'none is more than clean' : found.join(', ')}.
${notes.join(', ')}.
Not seen here: shells that live in memory only (Java filters and agents, loaded IIS modules), and what was deleted. Logs show those: barograph hunt.
`
  }
}

function worstFirst(a: JudgedFile, b: JudgedFile): number {
  return ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || b.score - a.score || (a.path < b.path ? -1 : 1)
}

function fileText(file: JudgedFile, colour: boolean): string {
  const { path, verdict, score, bytes, modifiedTime, judgement, change, yara, context } = file
  const { language, reasons, flow, decoded, whyNotParsed } = judgement
  const strong = colour
    ? (text: string) => `\x1b[1;${verdict === 'suspicious' || verdict === 'modified' ? 33 : 31}m${text}\x1b[0m`
    : (text: string) => text
  const lines = [`${strong(verdict.toUpperCase())}  ${visible(path)}`]
  const say = (name: string, text: string) => lines.push(`  ${name.padEnd(9)} ${text}`)
  const time =
    modifiedTime > 0 ? `, written ${isoFromMicros(microsFromMillis(modifiedTime))} (a copy or an intruder may have set that)` : ''
  say('file', `${language === 'none' ? '' : `${language}, `}score ${score}, ${number(bytes)} bytes${time}`)
  const [source] = flow
  const sink = flow.at(-1)
  if (source && sink && flow.length > 1) {
    say('source', step(source))
    for (const between of flow.slice(1, -1)) say('', step(between))
    say('sink', step(sink))
  }
  for (const [index, { what, line }] of reasons.slice(0, MAX_REASONS).entries())
    say(index === 0 ? 'why' : '', `${line > 0 ? `line ${line}: ` : ''}${shown(what)}`)
  for (const { line, how, text, length } of decoded.slice(0, MAX_LAYERS)) {
    say('unpacked', `line ${line}, by ${shown(how)}, ${number(length)} characters, as inert text:`)
    lines.push(...indented(text.slice(0, LAYER_CHARACTERS)))
  }
  for (const { rule, title, level } of yara.slice(0, YARA_RULES)) say('yara', `${visible(rule)} (${level}): ${shown(title)}`)
  if (yara.length > YARA_RULES) say('', `and ${yara.length - YARA_RULES} more rules`)
  if (change) {
    say('modified', `it differs from ${visible(change.from)}`)
    lines.push(...change.difference.slice(0, DIFFERENCE_LINES).map(line => `      ${shorten(visible(line), 160)}`))
    if (change.difference.length > DIFFERENCE_LINES) lines.push('      …')
  }
  for (const known of context) say('known', visible(known))
  if (whyNotParsed !== undefined) say('parsing', `not parsed: ${visible(whyNotParsed)}`)
  say('innocent', `${INNOCENT[verdict]}.`)
  return `${lines.join('\n')}\n`
}

const step = ({ line, what }: { readonly line: number; readonly what: string }) => `line ${line}: ${shown(what)}`
const shown = (text: string) => shorten(visible(text), 300)
const number = (value: number) => value.toLocaleString('en')

function indented(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .slice(0, 12)
    .map(line => `      ${shorten(visible(line), 160)}`)
}

/** What goes away once somebody cleans up; said once, because it is the same for all. */
function collect(files: readonly JudgedFile[]): string {
  const languages = new Set(files.map(({ judgement }) => judgement.language))
  return [
    'Before touching anything, collect:',
    '  each file with its times and owner (stat FILE; cp -a), and the list of its folder (ls -la --time-style=full-iso)',
    '  the access and error logs from the day the file was written, and those of the proxy before the server',
    '  what the web server process has open and has started (ps -ef --forest, ss -tnp), before it is restarted',
    ...(languages.has('jsp') || languages.has('java')
      ? ['  the compiled pages (work/Catalina) and a heap dump of the Java process: filters in memory go with a restart']
      : []),
    ...(languages.has('csharp') || languages.has('vb')
      ? ['  Temporary ASP.NET Files (the compiled pages), the IIS configuration, and a dump of w3wp']
      : []),
    '  then hand all of it to barograph hunt: it joins file, requests and processes',
    '',
  ].join('\n')
}
