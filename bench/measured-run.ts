import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a program took; processor time and memory only where /proc tells them. */
export interface Run {
  readonly seconds: number
  readonly cpuSeconds: number | undefined
  readonly peakMegabytes: number | undefined
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Clock ticks of /proc/PID/stat: 100 a second on every Linux that Node runs on (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS = 100
const POLL_MILLISECONDS = 20

/** Runs a program and watches it. What it prints is counted in lines, not kept, beyond its last words. */
export async function measuredRun(
  command: string,
  words: readonly string[],
  shell = false,
): Promise<Run & { readonly lines: number }> {
  const begun = performance.now()
  const child = spawn(command, words, { shell, stdio: ['ignore', 'pipe', 'pipe'] })
  let lines = 0
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines++
    out = (out + chunk.toString('latin1')).slice(-2000)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err = (err + chunk.toString('utf8')).slice(-4000)
  })
  let cpuSeconds: number | undefined
  let peakMegabytes: number | undefined
  const look = () => {
    const seen = child.pid === undefined ? undefined : processFigures(child.pid)
    cpuSeconds = seen?.cpuSeconds ?? cpuSeconds
    peakMegabytes = seen?.peakMegabytes ?? peakMegabytes
  }
  const timer = setInterval(look, POLL_MILLISECONDS)
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed)
    child.once('close', done)
  })
  clearInterval(timer)
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds, peakMegabytes, code, out, err, lines }
}

function processFigures(pid: number): { readonly cpuSeconds: number; readonly peakMegabytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    if (peak === undefined) return undefined
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS, peakMegabytes: Number(peak) / 1024 }
  } catch {
    // It has ended, or there is no /proc: the figures stay those of the last look.
    return undefined
  }
}

/** Processor time of this process so far, with all its threads. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
