import { type ChildProcess, fork } from 'node:child_process'
import type { Diagnostic } from '../../model/index.ts'
import type { YaraHit } from '../../rules/yara/index.ts'
import { threadFile } from '../thread-file.ts'
import type { HostMessage, ScanRequest, YaraReady } from './yara-messages.ts'

/** A file to scan: where it lies and what it is called. */
export type YaraTarget = Omit<ScanRequest, 'id'>

/** What the rules say of one file, or why they say nothing. */
export type YaraAnswer = { readonly hits: readonly YaraHit[] } | { readonly notScanned: string }

/** The slowest file of the public collections takes all of signature-base 3 s on a busy machine. */
const SCAN_MILLISECONDS = 20_000
/** Compiling some thousand rules takes 14 s on a busy machine. */
const READY_MILLISECONDS = 180_000
/** Each start compiles all rules again; files that stop the engine more often than this are an attack on it. */
const MAX_STARTS = 5

interface Waiting {
  readonly target: YaraTarget
  readonly done: (answer: YaraAnswer) => void
}

/** Processes that scan files with a set of rules, one file at a time each; a scan that does not end costs its process, not the work. */
export class YaraScanner {
  readonly #rules: readonly string[]
  readonly #queue: Waiting[] = []
  readonly #lanes: Lane[]
  #closed = false

  constructor(rules: readonly string[], jobs: number) {
    this.#rules = rules
    this.#lanes = Array.from({ length: jobs }, () => new Lane(this.#rules, () => this.#queue.shift()))
  }

  /** What became of the rules; every process compiles the same ones. */
  async ready(): Promise<YaraReady> {
    const [first] = this.#lanes
    return first === undefined ? { loaded: 0, refused: [], missing: '' } : await first.ready
  }

  scan(target: YaraTarget): Promise<YaraAnswer> {
    if (this.#closed) return Promise.resolve({ notScanned: 'stopped' })
    return new Promise(done => {
      this.#queue.push({ target, done })
      for (const lane of this.#lanes) lane.wake()
    })
  }

  close(): void {
    this.#closed = true
    for (const lane of this.#lanes) lane.close()
    for (const { done } of this.#queue.splice(0)) done({ notScanned: 'stopped' })
  }
}

/** One process and the file it is at. */
class Lane {
  readonly #rules: readonly string[]
  readonly #next: () => Waiting | undefined
  #child: ChildProcess | undefined
  #starts = 0
  #isReady = false
  #current: (Waiting & { readonly id: number; readonly timer: NodeJS.Timeout }) | undefined
  #id = 0
  #closed = false
  #readyTimer: NodeJS.Timeout | undefined
  #tell: (ready: YaraReady) => void = () => undefined
  readonly ready: Promise<YaraReady>

  constructor(rules: readonly string[], next: () => Waiting | undefined) {
    this.#rules = rules
    this.#next = next
    this.ready = new Promise(resolve => {
      this.#tell = resolve
    })
    this.#start()
  }

  wake(): void {
    if (this.#closed || this.#current !== undefined) return
    if (this.#starts > MAX_STARTS) {
      for (let waiting = this.#next(); waiting; waiting = this.#next())
        waiting.done({ notScanned: `the scanning process was lost ${MAX_STARTS} times and is not started again` })
      return
    }
    if (!this.#isReady) return
    const waiting = this.#next()
    if (waiting === undefined) return
    const id = ++this.#id
    const timer = setTimeout(() => this.#end(`the scan did not end within ${SCAN_MILLISECONDS / 1000} s`), SCAN_MILLISECONDS)
    this.#current = { ...waiting, id, timer }
    this.#child?.send({ id, ...waiting.target } satisfies ScanRequest)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#readyTimer)
    this.#child?.kill('SIGKILL')
    this.#answer({ notScanned: 'stopped' })
  }

  #start(): void {
    this.#starts++
    if (this.#starts > MAX_STARTS) {
      this.wake()
      return
    }
    this.#isReady = false
    const child = fork(threadFile(import.meta.dirname, 'yara-host'), [...this.#rules], { serialization: 'advanced' })
    this.#child = child
    this.#readyTimer = setTimeout(() => this.#end('the rules were not compiled in time'), READY_MILLISECONDS)
    child.on('message', (message: HostMessage) => this.#hear(message))
    child.on('error', () => undefined)
    child.on('exit', (code, signal) => {
      if (this.#closed || child !== this.#child) return
      clearTimeout(this.#readyTimer)
      if (!this.#isReady)
        this.#tell({
          loaded: 0,
          refused: [],
          missing: `the scanning process ended while it compiled the rules (${signal ?? `code ${code}`})`,
        })
      this.#answer({ notScanned: `the scanning process ended (${signal ?? `code ${code}`})` })
      this.#start()
    })
  }

  #hear(message: HostMessage): void {
    if ('ready' in message) {
      clearTimeout(this.#readyTimer)
      this.#isReady = true
      this.#tell(message.ready)
    } else if (message.id === this.#current?.id) {
      this.#answer('hits' in message ? { hits: message.hits } : { notScanned: message.unreadable })
    }
    this.wake()
  }

  /** Ends the process; its exit starts the next one. */
  #end(why: string): void {
    this.#answer({ notScanned: why })
    this.#child?.kill('SIGKILL')
  }

  #answer(answer: YaraAnswer): void {
    const current = this.#current
    if (current === undefined) return
    this.#current = undefined
    clearTimeout(current.timer)
    current.done(answer)
  }
}

/** Refused rules as diagnostics. */
export function yaraDiagnostics({ refused, missing }: YaraReady): readonly Diagnostic[] {
  return [
    ...(missing === ''
      ? []
      : [
          {
            kind: 'diagnostic',
            code: 'yara/not-available',
            level: 'warning',
            message: missing,
            hint: 'Everything else was done. `npm install @litko/yara-x` gets the program where there is one for this system.',
          } as const,
        ]),
    ...refused.map(
      ({ path, rule, line, reason }): Diagnostic => ({
        kind: 'diagnostic',
        code: 'yara/refused',
        level: 'warning',
        path,
        ...(line > 0 ? { record: line } : {}),
        message: `${rule === '' ? 'the file' : `rule ${rule}`} is not used: ${reason}${line > 0 ? ` (line ${line})` : ''}`,
      }),
    ),
  ]
}
