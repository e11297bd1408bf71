import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, type FSWatcher, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { PROGRAM } from './program.ts'

/** When a hunt is killed: after a time, when a segment appears under its final name, or when the case's database is written. */
export type KillMoment = { readonly after: number } | { readonly onSegment: number } | { readonly onCommit: number }

/** How one run ended. */
export interface RunEnd {
  readonly code: number | null
  readonly killed: boolean
  readonly milliseconds: number
  readonly stderr: string
}

/** Runs a hunt in a process of its own, and kills it (SIGKILL: nothing can be tidied up) at the given moment. */
export async function runHunt(evidence: string, caseDirectory: string, moment?: KillMoment, jobs = 2): Promise<RunEnd> {
  const begun = performance.now()
  const child = spawn(process.execPath, [PROGRAM, 'hunt', evidence, '--out', caseDirectory, '--jobs', String(jobs), '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const disarm = moment ? arm(child, caseDirectory, moment) : () => {}
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(done =>
    child.once('close', (...end) => done(end)),
  )
  disarm()
  return { code, killed: signal === 'SIGKILL', milliseconds: performance.now() - begun, stderr }
}

function arm(child: ChildProcess, caseDirectory: string, moment: KillMoment): () => void {
  const kill = () => child.kill('SIGKILL')
  if ('after' in moment) {
    const timer = setTimeout(kill, moment.after)
    return () => clearTimeout(timer)
  }
  let left = 'onSegment' in moment ? moment.onSegment : moment.onCommit
  const wanted = 'onSegment' in moment ? /\.parquet$/ : /case\.sqlite-wal$/
  const place = 'onSegment' in moment ? join(caseDirectory, 'segments') : caseDirectory
  let watcher: FSWatcher | undefined
  // The folder is made by the hunt itself; until then there is nothing to watch.
  const timer = setInterval(() => {
    if (watcher || !existsSync(place)) return
    watcher = watch(place, { recursive: 'onSegment' in moment }, (_event, name) => {
      if (name !== null && wanted.test(name) && left-- <= 0) kill()
    })
  }, 5)
  return () => {
    clearInterval(timer)
    watcher?.close()
  }
}

/** The bytes of a case's report. */
export function reportOf(caseDirectory: string): string {
  return readFileSync(join(caseDirectory, 'report.json'), 'utf8')
}
