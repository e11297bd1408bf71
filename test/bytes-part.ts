import type {
  Diagnostic,
  EvidenceId,
  EvidencePart,
  EvidenceSample,
  Reader,
  SecurityEvent,
  SourceFacts,
} from '../src/model/index.ts'

/** What a test says about an item of bytes. */
export interface BytesItem {
  readonly path?: string
  readonly facts?: SourceFacts
  readonly start?: number
  readonly end?: number
  readonly part?: number
}

/** A part of an item of bytes held in memory; like the evidence stage it hands out one buffer again and again. */
export function bytesPart(
  bytes: Uint8Array,
  { path = 'test.bin', facts = {}, start = 0, end, part = 0 }: BytesItem = {},
): EvidencePart {
  const shared = new Uint8Array(1 << 17)
  return {
    evidence: 'test' as EvidenceId,
    path,
    part,
    start,
    end: end ?? bytes.length,
    facts,
    encoding: 'utf-8',
    bytes: {
      size: bytes.length,
      read: (offset, length) => {
        const piece = bytes.subarray(offset, offset + Math.min(length, shared.length))
        shared.set(piece)
        return shared.subarray(0, piece.length)
      },
    },
    headerLines: [],
    lines: () => [],
  }
}

/** The sample of an item of bytes, as recognition sees it. */
export function bytesSample(bytes: Uint8Array, path = 'test.bin'): EvidenceSample {
  return { path, size: bytes.length, head: bytes.subarray(0, 65536), encoding: undefined, lines: [] }
}

/** Everything a reader makes of a part. */
export function readPart(
  reader: Reader,
  part: EvidencePart,
): { readonly events: SecurityEvent[]; readonly diagnostics: Diagnostic[] } {
  const events: SecurityEvent[] = []
  const diagnostics: Diagnostic[] = []
  reader.read(part, { event: event => events.push(event), diagnostic: diagnostic => diagnostics.push(diagnostic) })
  return { events, diagnostics }
}
