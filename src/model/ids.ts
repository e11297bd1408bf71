import type { Brand } from './brand.ts'

/** One evidence item: the first 16 hex digits of its SHA-256; a further copy of the same bytes has "~2", "~3" behind it. */
export type EvidenceId = Brand<string, 'EvidenceId'>
/** A finding: 16 hex digits derived from what it is about, so that it is the same in every run. */
export type FindingId = Brand<string, 'FindingId'>
/** An incident: 16 hex digits derived from its earliest finding. */
export type IncidentId = Brand<string, 'IncidentId'>

/** Points at one record of one evidence item so that a person can find it again. */
export interface SourceRef {
  readonly evidence: EvidenceId
  /** EventRecordID of an event log, line number (from 1) of a text log, ordinal (from 1) of a JSON array. */
  readonly record: number
  /** Byte offset of the record in the item (after inflating). */
  readonly offset: number
}

const FNV_OFFSET = 0xcbf29ce484222325n
const FNV_PRIME = 0x100000001b3n
const MASK_64 = 0xffffffffffffffffn

/** 16 hex digits of the FNV-1a hash of the parts: a stable name, not a defence against forgery. For few calls; hot paths use `contentHash`. */
export function stableId(...parts: readonly string[]): string {
  let hash = FNV_OFFSET
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) hash = ((hash ^ BigInt(part.charCodeAt(i))) * FNV_PRIME) & MASK_64
    hash = ((hash ^ 0xffffn) * FNV_PRIME) & MASK_64
  }
  return hash.toString(16).padStart(16, '0')
}

/** How far a `contentHash` has come. */
export interface HashedStart {
  readonly high: number
  readonly low: number
}

/** The beginning of texts that differ only behind it, hashed once for all of them. */
export function hashedStart(text: string, seed = 0): HashedStart {
  return stirred({ high: 0xdeadbeef ^ seed, low: 0x41c6ce57 ^ seed }, text)
}

function stirred(start: HashedStart, text: string): HashedStart {
  let { high, low } = start
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  return { high, low }
}

/**
 * A 53-bit number from the characters of `text`, for "is this the same record" on millions of lines (two interleaved 32-bit
 * multiplicative hashes). A chance collision within one series of 10 million records has a probability below 1 in 100.
 */
export function contentHash(text: string, seed = 0): number {
  return contentHashFrom(hashedStart(text, seed), '')
}

/** The `contentHash` of a text that begins with what `start` was made of and goes on with `rest`. */
export function contentHashFrom(start: HashedStart, rest: string): number {
  let { high, low } = stirred(start, rest)
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}
