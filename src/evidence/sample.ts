import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { EvidenceSample } from '../model/index.ts'
import { decodeText, encodingOf, markLength } from './encoding.ts'
import { SAMPLE_BYTES, SAMPLE_LINES } from './limits.ts'

/** The sample a reader recognises an item by, from the file that holds its bytes. `path` is the one shown to the user. */
export function sampleOf(path: string, file: string): EvidenceSample {
  const { head, size } = headOf(file)
  return sampleOfBytes(path, head, size)
}

/** The first bytes of a file, and how many it has. */
export function headOf(file: string): { readonly head: Uint8Array; readonly size: number } {
  const fd = openSync(file, 'r')
  try {
    const { size } = fstatSync(fd)
    return { head: readHead(fd, Math.min(size, SAMPLE_BYTES)), size }
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
  return { path, size, head, encoding, lines: firstLines(text, size > head.length) }
}

/** The first lines that are not empty, as many as a sample has. */
function firstLines(text: string, isCut: boolean): string[] {
  const lines: string[] = []
  for (let at = 0; at <= text.length && lines.length < SAMPLE_LINES; ) {
    const end = text.indexOf('\n', at)
    // The head may end within a line: half a line would mislead a reader, but is better than no line at all.
    if (end < 0 && isCut && at > 0) break
    const stop = end < 0 ? text.length : end
    const line = text.slice(at, text[stop - 1] === '\r' && stop > at ? stop - 1 : stop)
    if (line.trim() !== '') lines.push(line)
    at = stop + 1
  }
  return lines
}

/** The sample of an item without bytes. */
export function emptySample(path: string, size = 0): EvidenceSample {
  return { path, size, head: new Uint8Array(0), encoding: undefined, lines: [] }
}
