import { crc32 } from 'node:zlib'
import { type EvtxRecord, writeEvtx } from '../../test/evtx-writer/index.ts'
import { type Alphabets, MARK_HIGH, type Numbers } from './numbers.ts'

const FILE_HEADER = 4096
const CHUNK = 65536
const CHUNK_HEADER = 512
const RECORD_HEADER = 24
const EPOCH_MICROS = 11_644_473_600_000_000n

/** A chunk as the writer made it, and the places where each copy differs. */
export interface ChunkTemplate {
  readonly bytes: Buffer
  /** Offsets of marks. */
  readonly marks: Int32Array
  /** Offsets of each record, and in it of its number and its time. */
  readonly records: readonly { readonly at: number; readonly number: number; readonly time: number }[]
  readonly used: number
}

/** Writes records with the writer of the tests and finds the places to change in its chunks. Numbers and times must be odd ones. */
export function chunkTemplates(records: readonly EvtxRecord[]): readonly ChunkTemplate[] {
  const file = Buffer.from(writeEvtx(records))
  const templates: ChunkTemplate[] = []
  let next = 0
  for (let at = FILE_HEADER; at < file.length; at += CHUNK) {
    const template = templateOf(Buffer.from(file.subarray(at, at + CHUNK)), records, next)
    templates.push(template)
    next += template.records.length
  }
  return templates
}

function templateOf(bytes: Buffer, all: readonly EvtxRecord[], first: number): ChunkTemplate {
  const used = bytes.readUInt32LE(48)
  const marks: number[] = []
  const records: { at: number; number: number; time: number }[] = []
  for (let at = CHUNK_HEADER; at < used; at += bytes.readUInt32LE(at + 4)) {
    const inside = (field: number) => bytes.indexOf(bytes.subarray(at + field, at + field + 8), at + RECORD_HEADER)
    const record = all[first + records.length]
    if (record) findMarks(bytes, at, record, marks)
    records.push({ at, number: inside(8), time: inside(16) })
  }
  return { bytes, marks: Int32Array.from(marks), records, used }
}

/** Offsets also have bytes that look like marks: only those inside the values of the record are. */
function findMarks(bytes: Buffer, recordAt: number, record: EvtxRecord, marks: number[]): void {
  let from = recordAt
  for (const [, value] of record.data ?? []) {
    if (typeof value !== 'string' || !/[\ue001-\ue004]/.test(value)) continue
    // As bytes: searched as text, only even offsets are looked at.
    from = bytes.indexOf(Buffer.from(value, 'utf16le'), from)
    if (from < 0) throw new Error(`the writer wrote something else than "${value}"`)
    for (let index = 0; index < value.length; index++, from += 2) if (value.charCodeAt(index) >> 8 === MARK_HIGH) marks.push(from)
  }
}

/** Where the records of a chunk stand in their log: number and time of the first, and microseconds from one to the next. */
export interface ChunkPlace {
  readonly first: number
  readonly start: number
  readonly step: number
}

/** A copy with fresh characters of the alphabets for the marks, its records numbered and dated by their place. */
export function freshChunk(template: ChunkTemplate, numbers: Numbers, alphabets: Alphabets, place: ChunkPlace): Buffer {
  const { first, start, step } = place
  const bytes = Buffer.from(template.bytes)
  let random = 0
  let left = 0
  for (const at of template.marks) {
    if (left === 0) {
      random = numbers.next()
      left = 4
    }
    const alphabet = alphabets[bytes[at] ?? 0]
    bytes[at] = alphabet?.[(random & 0xff) % alphabet.length] ?? 0x78
    bytes[at + 1] = 0
    random >>>= 8
    left--
  }
  for (const [index, { at, number, time }] of template.records.entries()) {
    const id = BigInt(first + index)
    const ticks = (BigInt(start + index * step) + EPOCH_MICROS) * 10n
    bytes.writeBigUInt64LE(id, at + 8)
    bytes.writeBigUInt64LE(ticks, at + 16)
    if (number > 0) bytes.writeBigUInt64LE(id, number)
    if (time > 0) bytes.writeBigUInt64LE(ticks, time)
  }
  const last = BigInt(first + template.records.length - 1)
  for (const [field, value] of [
    [8, BigInt(first)],
    [16, last],
    [24, BigInt(first)],
    [32, last],
  ] as const)
    bytes.writeBigUInt64LE(value, field)
  bytes.writeUInt32LE(crc32(bytes.subarray(CHUNK_HEADER, template.used)), 52)
  bytes.writeUInt32LE(crc32(bytes.subarray(128, CHUNK_HEADER), crc32(bytes.subarray(0, 120))), 124)
  return bytes
}

/** The header of a file of so many chunks. */
export function fileHeader(chunks: number, nextRecord: number): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER)
  bytes.write('ElfFile\0', 'latin1')
  bytes.writeBigUInt64LE(BigInt(Math.max(0, chunks - 1)), 16)
  bytes.writeBigUInt64LE(BigInt(nextRecord), 24)
  bytes.writeUInt32LE(128, 32)
  bytes.writeUInt16LE(1, 36)
  bytes.writeUInt16LE(3, 38)
  bytes.writeUInt16LE(FILE_HEADER, 40)
  // The field has 16 bits; Windows itself stops at 4 GiB.
  bytes.writeUInt16LE(Math.min(chunks, 0xffff), 42)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 120)), 124)
  return bytes
}
