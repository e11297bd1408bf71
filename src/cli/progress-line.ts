import type { EarlyFinding, Phase, ProgressListener } from '../pipeline/index.ts'
import { visible } from '../report/text/visible.ts'
import { hasColour } from './output.ts'

const PHASES: Readonly<Record<Phase, string>> = {
  look: 'looking through the evidence',
  hash: 'hashing',
  read: 'reading',
  judge: 'joining and judging',
  write: 'writing the report',
}
const REDRAW_MILLISECONDS = 100
const BAR = 24
/** A rate of the first moments and the first bytes is a guess nobody is helped by. */
const SETTLED_SECONDS = 1
const SETTLED_SHARE = 0.01

/**
 * One line on stderr that tells stage, bytes, rate and time left, with high and critical findings above it as they are found.
 * Only on a terminal: a log file of a scheduled job is not filled with it.
 */
export class ProgressLine implements ProgressListener {
  readonly #stream = process.stderr
  readonly #told = new Set<string>()
  #phase: Phase = 'look'
  #total = 0
  /** What looking has come to. */
  #looked = ''
  #done = 0
  #begun = performance.now()
  #drawn = 0
  /** Reading of all groups, and when it began: the rate counts the hashing between them. */
  #read = 0
  #reading: number | undefined

  phase(phase: Phase, totalBytes: number): void {
    this.#phase = phase
    this.#begun = performance.now()
    this.#done = 0
    this.#total = totalBytes
    if (phase === 'hash' || phase === 'read') this.#reading ??= this.#begun
    if (phase === 'read') {
      this.#begun = this.#reading ?? this.#begun
      this.#done = this.#read
      this.#total = totalBytes === 0 ? 0 : this.#read + totalBytes
    }
    this.#draw()
  }

  advance(bytes: number): void {
    this.#done += bytes
    if (this.#phase === 'read') this.#read += bytes
    if (performance.now() - this.#drawn > REDRAW_MILLISECONDS) this.#draw()
  }

  looked(items: number, path: string): void {
    this.#looked = `${items.toLocaleString('en-US')} ${items === 1 ? 'item' : 'items'}  ${visible(path)}`
    if (performance.now() - this.#drawn > REDRAW_MILLISECONDS) this.#draw()
  }

  found({ severity, rule, title, host, path }: EarlyFinding): void {
    const line = visible(`${severity}: ${title}${host === '' ? '' : ` (${host})`}  ${path}`)
    const key = `${rule}\n${host}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    const width = Math.max(40, this.#stream.columns || 100)
    const cut = line.length > width ? `${line.slice(0, width - 1)}…` : line
    const tone = severity === 'critical' ? '1;31' : '33'
    this.say(hasColour(this.#stream) ? `\x1b[${tone}m${cut}\x1b[0m` : cut)
  }

  say(message: string): void {
    this.#stream.write(`\r\x1b[K${message}\n`)
    this.#draw()
  }

  /** Takes the line away. */
  end(): void {
    this.#stream.write('\r\x1b[K')
  }

  #draw(): void {
    this.#drawn = performance.now()
    const text = this.#text()
    this.#stream.write(`\r\x1b[K${text.slice(0, Math.max(20, (this.#stream.columns || 80) - 1))}`)
  }

  #text(): string {
    const what = PHASES[this.#phase]
    if (this.#phase === 'look' && this.#looked !== '') return `${what}  ${this.#looked}`
    if (this.#total === 0) return `${what} …`
    const share = Math.min(1, this.#done / this.#total)
    const seconds = (performance.now() - this.#begun) / 1000
    const rate = seconds > 0 ? this.#done / seconds : 0
    const left = rate > 0 ? (this.#total - this.#done) / rate : Number.POSITIVE_INFINITY
    const bar = `${'#'.repeat(Math.round(share * BAR))}${'.'.repeat(BAR - Math.round(share * BAR))}`
    const parts = [`[${bar}] ${Math.floor(share * 100)} %`, `${megabytes(this.#done)} of ${megabytes(this.#total)} MB`]
    if (seconds >= SETTLED_SECONDS && share >= SETTLED_SHARE) parts.push(`${megabytes(rate)} MB/s`, `${clock(left)} left`)
    return `${what} ${parts.join('  ')}`
  }
}

function megabytes(bytes: number): string {
  return bytes < 10e6 ? (bytes / 1e6).toFixed(1) : String(Math.round(bytes / 1e6))
}

function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.ceil(seconds)
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
