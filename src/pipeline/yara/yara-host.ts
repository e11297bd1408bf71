import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { compileYara, scanYara, yaraEngine } from '../../rules/yara/index.ts'
import { yaraFiles } from './yara-files.ts'
import type { HostMessage, ScanRequest } from './yara-messages.ts'

// A process of its own, because a scan in native code can only be ended with the process that runs it.
const send = (message: HostMessage) => process.send?.(message)
// Ctrl-C goes to every process of the terminal; this one ends when the other does.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))

/** Larger files are scanned in their first part: no script is that long, and what rules look for in programs stands at their beginning. */
const MAX_SCANNED_BYTES = 64 << 20

const engine = await yaraEngine()
const rules =
  'missing' in engine
    ? { scanner: undefined, loaded: 0, refused: [], fileOf: new Map<string, string>() }
    : compileYara(yaraFiles(process.argv.slice(2)), engine)
rules.scanner?.setMaxMatchesPerPattern(100)
send({ ready: { loaded: rules.loaded, refused: rules.refused, missing: 'missing' in engine ? engine.missing : '' } })

process.on('message', (message: ScanRequest) => {
  const { id, file, path, owner } = message
  let bytes: Uint8Array
  try {
    bytes = bytesOf(file)
  } catch (error) {
    send({ id, unreadable: error instanceof Error ? error.message : String(error) })
    return
  }
  try {
    send({ id, hits: scanYara(rules, bytes, { path, owner }) })
  } catch (error) {
    send({ id, unreadable: `the scan failed: ${error instanceof Error ? error.message : String(error)}` })
  }
})

function bytesOf(file: string): Uint8Array {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, MAX_SCANNED_BYTES))
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(fd)
  }
}
