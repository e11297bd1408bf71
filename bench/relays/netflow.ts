import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { installed } from './test-bed.ts'

/** A capture as a router would have exported it: flows by nfpcapd, printed by nfdump; undefined when these are not installed. */
export function netflowOf(capture: string, directory: string): { readonly json: string; readonly csv: string } | undefined {
  if (!['nfpcapd', 'nfdump'].every(installed) || !existsSync(capture)) return undefined
  const kept = { json: `${directory}.json`, csv: `${directory}.csv` }
  if (existsSync(kept.json) && existsSync(kept.csv)) return kept
  mkdirSync(directory, { recursive: true })
  // nfpcapd makes flows with an active time-out as an exporter does; files rotate far beyond the recording.
  execFileSync('nfpcapd', ['-r', capture, '-l', directory, '-e', '60,15', '-t', '86400'], { stdio: 'ignore' })
  if (!readdirSync(directory).some(name => name.startsWith('nfcapd'))) return undefined
  // Not with -B: in JSON nfdump 1.7.1 then leaves out what came back; our reader puts the two directions together.
  const print = (format: string, file: string) => {
    writeFileSync(file, execFileSync('nfdump', ['-R', directory, '-o', format], { maxBuffer: 1 << 28 }))
    return file
  }
  return { json: print('json', kept.json), csv: print('csv', kept.csv) }
}
