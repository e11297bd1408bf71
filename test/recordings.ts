import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { sampleOfBytes } from '../src/evidence/index.ts'
import type { Diagnostic, Reader, SecurityEvent } from '../src/model/index.ts'
import { recognise } from '../src/pipeline/look.ts'
import { readers } from '../src/readers/registry.ts'
import { bytesPart, readPart } from './bytes-part.ts'
import { readText } from './text-part.ts'

/** Bytes that `test/recordings/record.sh` recorded from software it ran. */
export function recording(name: string): Buffer {
  const bytes = readFileSync(join(import.meta.dirname, 'recordings', name))
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

/** The reader that a file goes to, and what it makes of it, as a hunt would. */
export function readAs(
  path: string,
  bytes: Uint8Array,
): {
  readonly reader: Reader | undefined
  readonly events: readonly SecurityEvent[]
  readonly diagnostics: readonly Diagnostic[]
} {
  const sample = sampleOfBytes(path, Buffer.from(bytes))
  const reader = recognise(sample, readers)
  if (!reader) return { reader, events: [], diagnostics: [] }
  if (sample.encoding === undefined) return { reader, ...readPart(reader, bytesPart(bytes, { path })) }
  return { reader, ...readText(reader, new TextDecoder().decode(bytes), { path }) }
}
