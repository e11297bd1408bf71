import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended } from './network.ts'
import { installed } from './test-bed.ts'

/** Version words of softflowd (-v): NetFlow 9 and IPFIX. */
export type ExportVersion = '9' | '10'

/** Milliseconds after which an exporter that does not end is ended. */
const LONGEST = 60_000

/** A capture as softflowd exports it: what it sent, captured in turn; undefined when it or tcpdump is not there. */
export async function softflowdOf(capture: string, version: ExportVersion, file: string): Promise<string | undefined> {
  if (!['softflowd', 'tcpdump'].every(installed) || !existsSync(capture)) return undefined
  if (existsSync(file)) return file
  // Somebody has to listen, or the exporter stops at the first refusal.
  const collector = createSocket('udp4')
  await new Promise<void>(done => collector.bind(0, '127.0.0.1', () => done()))
  const { port } = collector.address()
  const tap = spawn('tcpdump', ['-i', 'lo', '-U', '-w', file, `udp dst port ${port}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise<void>((done, failed) => {
    tap.once('error', failed)
    tap.stderr.on('data', (said: Buffer) => said.includes('listening') && done())
  })
  // -d: in the foreground, ended with the file. A control socket given beside it keeps version 1.1.0 from ending
  execFileSync('softflowd', ['-r', capture, '-n', `127.0.0.1:${port}`, '-v', version, '-d'], {
    stdio: 'ignore',
    timeout: LONGEST,
  })
  // tcpdump is handed what it captured a second at a time
  await sleep(2500)
  await ended(tap)
  collector.close()
  return file
}
