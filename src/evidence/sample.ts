import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { EvidenceSample } from '../model/index.ts'
import { decodeText, encodingOf, markLength } from './encoding.ts'
import { SAMPLE_BYTES, SAMPLE_LINES } from './limits.ts'

/** The sample a reader recognises an item by, from the file that holds its bytes. `path` is the one shown to the user. */
export function sampleOf(path: string, file: string): EvidenceSample {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    return sampleOfBytes(path, readHead(fd, Math.min(size, SAMPLE_BYTES)), size)
  } finally {
    closeSync(fd)
  }
}

function readHead(fd: number, length: number): Uint8Array {
  const head = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const count = readSync(fd, head, filled, length - filled, filled)
    if (count === 0) break
    filled += count
  }
  return head.subarray(0, filled)
}

/** The sample of bytes in memory; `size` is that of the whole item. */
export function sampleOfBytes(path: string, head: Uint8Array, size = head.length): EvidenceSample {
  const encoding = encodingOf(head, size <= head.length)
  if (encoding === undefined) return { path, size, head, encoding, lines: [] }
  const text = decodeText(head.subarray(markLength(head, encoding)), encoding)
  const lines = text.split('\n')
  // The head may end within a line: half a line would mislead a reader, but is better than no line at all.
  if (size > head.length && lines.length > 1) lines.pop()
  const kept = lines.map(line => (line.endsWith('\r') ? line.slice(0, -1) : line)).filter(line => line.trim() !== '')
  return { path, size, head, encoding, lines: kept.slice(0, SAMPLE_LINES) }
}

/** The sample of an item without bytes. */
export function emptySample(path: string, size = 0): EvidenceSample {
  return { path, size, head: new Uint8Array(0), encoding: undefined, lines: [] }
}
