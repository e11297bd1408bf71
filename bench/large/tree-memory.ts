import { readdirSync, readFileSync } from 'node:fs'

const PAGE = 4096

/** Memory in use (RSS) of a process and all that it started, in megabytes; needs /proc, as the whole measurement does. */
export function treeMegabytes(root: number): number {
  const processes = new Map<number, { readonly parent: number; readonly megabytes: number }>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      // The name in brackets may hold blanks. proc(5): field 4 is the parent, field 24 the resident pages.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      processes.set(Number(name), { parent: Number(fields[1]), megabytes: (Number(fields[21]) * PAGE) / 1e6 })
    } catch {
      // It ended since the folder was listed.
    }
  }
  const belongs = (pid: number): boolean => pid === root || (pid > 1 && belongs(processes.get(pid)?.parent ?? 0))
  let megabytes = 0
  for (const [pid, process] of processes) if (belongs(pid)) megabytes += process.megabytes
  return megabytes
}
