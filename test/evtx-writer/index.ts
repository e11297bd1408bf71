// Writes EVTX files as Windows writes them, for property tests of the reader and for the example. Format:
// github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc
import { crc32 } from 'node:zlib'
import { ByteWriter, type Content, type ElementShape, type NameTable, writeElement } from './binxml.ts'
import { type EmbeddedXml, type EncodedValue, type EvtxValue, encodeValue, fileTime, guidBytes } from './values.ts'

export type { Content, ElementShape } from './binxml.ts'
export type { EmbeddedXml, EvtxValue } from './values.ts'

/** One event to write. Times are microseconds since 1970 UTC. */
export interface EvtxRecord {
  readonly provider: string
  /** GUID of the provider; left out for classic sources. */
  readonly guid?: string
  readonly channel: string
  readonly computer: string
  readonly eventId: number
  readonly recordId: number
  readonly time: number
  /** Time of the record's header, where it differs from `time`. */
  readonly written?: number
  readonly level?: number
  readonly task?: number
  readonly opcode?: number
  readonly version?: number
  readonly keywords?: bigint
  readonly processId?: number
  readonly threadId?: number
  readonly userSid?: string
  /** EventData in order; a name of '' writes a Data element without a name, as classic sources do. */
  readonly data?: readonly (readonly [string, EvtxValue])[]
  /** UserData instead of EventData: the provider's element and the elements inside it. Names must be XML names. */
  readonly userData?: { readonly element: string; readonly fields: readonly (readonly [string, EvtxValue])[] }
  /** What stands behind System, as it is to be written, instead of `data` and `userData`. */
  readonly body?: readonly EmbeddedXml[]
  /** The whole binary XML of the record, instead of everything but number and time. */
  readonly whole?: readonly EmbeddedXml[]
}

const FILE_HEADER = 4096
const CHUNK = 65536
const CHUNK_HEADER = 512
const EVENT_XMLNS = 'http://schemas.microsoft.com/win/2004/08/events/event'

/** A chunk while it is filled: names and templates are shared by its records. */
interface OpenChunk {
  readonly names: NameTable
  readonly templates: Map<string, number>
  readonly templateChains: Uint32Array
  readonly bytes: Uint8Array
  used: number
  lastRecordAt: number
  readonly recordIds: number[]
}

const openChunk = (): OpenChunk => ({
  names: { offsets: new Map(), chains: new Uint32Array(64) },
  templates: new Map(),
  templateChains: new Uint32Array(32),
  bytes: new Uint8Array(CHUNK),
  used: CHUNK_HEADER,
  lastRecordAt: CHUNK_HEADER,
  recordIds: [],
})

const value = (index: number, type: number, optional = true): Content => ({ value: index, type, optional })

/** The System part as every Windows provider writes it; provider name and GUID are literals of the template, the rest are values. */
function eventShape(record: EvtxRecord): ElementShape {
  const provider: (readonly [string, Content])[] = [['Name', { text: record.provider }]]
  if (record.guid) provider.push(['Guid', { text: record.guid }])
  const leaf = (name: string, content: Content): ElementShape => ({ name, content: [content] })
  return {
    name: 'Event',
    attributes: [['xmlns', { text: EVENT_XMLNS }]],
    content: [
      {
        name: 'System',
        content: [
          { name: 'Provider', attributes: provider, content: [] },
          leaf('EventID', value(0, 0x06)),
          leaf('Version', value(1, 0x04)),
          leaf('Level', value(2, 0x04)),
          leaf('Task', value(3, 0x06)),
          leaf('Opcode', value(4, 0x04)),
          leaf('Keywords', value(5, 0x15)),
          { name: 'TimeCreated', attributes: [['SystemTime', value(6, 0x11)]], content: [] },
          leaf('EventRecordID', value(7, 0x0a)),
          {
            name: 'Execution',
            attributes: [
              ['ProcessID', value(8, 0x08)],
              ['ThreadID', value(9, 0x08)],
            ],
            content: [],
          },
          leaf('Channel', { text: record.channel }),
          leaf('Computer', value(10, 0x01)),
          { name: 'Security', attributes: [['UserID', value(11, 0x13)]], content: [] },
        ],
      },
      { value: 12, type: 0x21, optional: true },
    ],
  }
}

function systemValues(record: EvtxRecord): EncodedValue[] {
  const keywords = new ByteWriter(0).u64(record.keywords ?? 0x8000000000000000n).finish()
  return [
    encodeValue({ uint16: record.eventId }),
    encodeValue({ uint8: record.version ?? 0 }),
    encodeValue({ uint8: record.level ?? 4 }),
    encodeValue({ uint16: record.task ?? 0 }),
    encodeValue({ uint8: record.opcode ?? 0 }),
    { type: 0x15, bytes: keywords },
    encodeValue({ time: record.time }),
    encodeValue({ uint64: BigInt(record.recordId) }),
    encodeValue({ uint32: record.processId ?? 4 }),
    encodeValue({ uint32: record.threadId ?? 8 }),
    encodeValue(record.computer),
    encodeValue(record.userSid === undefined ? null : { sid: record.userSid }),
  ]
}

/** The part behind System with its values; undefined when the record has none. */
function dataShape(record: EvtxRecord): { readonly shape: ElementShape; readonly values: readonly EvtxValue[] } | undefined {
  if (record.userData) {
    const values = record.userData.fields.map(([, item]) => item)
    const fields = record.userData.fields.map(([name], index): ElementShape => ({ name, content: [slot(values, index)] }))
    return { shape: { name: 'UserData', content: [{ name: record.userData.element, content: fields }] }, values }
  }
  if (!record.data) return undefined
  const values = record.data.map(([, item]) => item)
  const content = record.data.map(
    ([name], index): ElementShape => ({
      name: 'Data',
      ...(name === '' ? {} : { attributes: [['Name', { text: name }]] as const }),
      content: [slot(values, index)],
    }),
  )
  return { shape: { name: 'EventData', content }, values }
}

const slot = (values: readonly EvtxValue[], index: number): Content =>
  value(index, encodeValue(values[index] ?? null).type, false)

/** A stable GUID for a template: two CRCs of its key, doubled. */
function templateGuid(key: string): Uint8Array {
  const first = crc32(key).toString(16).padStart(8, '0')
  const second = crc32(`${key} `).toString(16).padStart(8, '0')
  return guidBytes(first + second + second + first)
}

/** Fragment header, template instance (with its definition where the chunk does not hold it yet) and the values behind it. */
function writeInstance(
  out: ByteWriter,
  chunk: OpenChunk,
  shape: ElementShape,
  values: readonly EncodedValue[],
  dependency = true,
): void {
  const key = JSON.stringify([shape, dependency])
  const guid = templateGuid(key)
  const id = new DataView(guid.buffer).getUint32(0, true)
  out.u8(0x0f, 1, 1, 0).u8(0x0c, 0x01).u32(id)
  const known = chunk.templates.get(key)
  if (known !== undefined) out.u32(known)
  else {
    const at = out.position + 4
    out.u32(at)
    out.u32(chunk.templateChains[id % 32] ?? 0).append(guid)
    const sizeAt = out.position
    out.u32(0).u8(0x0f, 1, 1, 0)
    writeElement(out, chunk.names, shape, { dependency })
    out.u8(0x00)
    out.patch32(sizeAt, out.position - sizeAt - 4)
    chunk.templates.set(key, at)
    chunk.templateChains[id % 32] = at
  }
  writeValues(out, chunk, values)
}

function writeValues(out: ByteWriter, chunk: OpenChunk, values: readonly EncodedValue[]): void {
  out.u32(values.length)
  const descriptors = out.position
  for (const { type } of values) out.u16(0).u8(type, 0)
  values.forEach(({ bytes, xml }, index) => {
    const start = out.position
    if (xml) writeEmbedded(out, chunk, xml)
    else out.append(bytes)
    const size = out.position - start
    if (size > 0xffff) throw new RangeError(`value of ${size} bytes: an EVTX value holds at most 65,535`)
    out.patch16(descriptors + index * 4, size)
  })
}

/** Binary XML that ends with its own end token. */
function writeEmbedded(out: ByteWriter, chunk: OpenChunk, pieces: readonly EmbeddedXml[]): void {
  for (const piece of pieces) {
    const dependency = piece.dependency ?? true
    if ('template' in piece) writeInstance(out, chunk, piece.template, piece.values.map(encodeValue), dependency)
    else {
      if (!piece.bare) out.u8(0x0f, 1, 1, 0)
      writeElement(out, chunk.names, piece.element, { dependency })
    }
  }
  out.u8(0x00)
}

/** The bytes of one record at the chunk's present end. */
function recordBytes(record: EvtxRecord, chunk: OpenChunk): Uint8Array {
  const out = new ByteWriter(chunk.used)
  out
    .u32(0x00002a2a)
    .u32(0)
    .u64(BigInt(record.recordId))
    .u64(fileTime(record.written ?? record.time))
  if (record.whole) writeEmbedded(out, chunk, record.whole)
  else {
    writeInstance(out, chunk, eventShape(record), [...systemValues(record), bodyOf(record)])
    out.u8(0x00)
  }
  while ((out.length + 4) % 8) out.u8(0)
  out.u32(out.length + 4)
  out.patch32(chunk.used + 4, out.length)
  return out.finish()
}

/** The value behind System. */
function bodyOf(record: EvtxRecord): EncodedValue {
  if (record.body) return encodeValue({ xml: record.body })
  const data = dataShape(record)
  return data ? encodeValue({ xml: [{ template: data.shape, values: data.values }] }) : encodeValue(null)
}

/** Fills in the chunk header: record numbers, offsets, string and template tables, both checksums. */
function closeChunk(chunk: OpenChunk, firstNumber: number): Uint8Array {
  const { bytes, recordIds } = chunk
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('ElfChnk\0'))
  view.setBigUint64(8, BigInt(firstNumber), true)
  view.setBigUint64(16, BigInt(firstNumber + recordIds.length - 1), true)
  view.setBigUint64(24, BigInt(recordIds[0] ?? 0), true)
  view.setBigUint64(32, BigInt(recordIds.at(-1) ?? 0), true)
  view.setUint32(40, 128, true)
  view.setUint32(44, chunk.lastRecordAt, true)
  view.setUint32(48, chunk.used, true)
  view.setUint32(52, crc32(bytes.subarray(CHUNK_HEADER, chunk.used)), true)
  chunk.names.chains.forEach((offset, index) => {
    view.setUint32(128 + index * 4, offset, true)
  })
  chunk.templateChains.forEach((offset, index) => {
    view.setUint32(384 + index * 4, offset, true)
  })
  view.setUint32(124, crc32(bytes.subarray(128, CHUNK_HEADER), crc32(bytes.subarray(0, 120))), true)
  return bytes
}

function fileHeader(chunks: number, nextRecordId: number): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode('ElfFile\0'))
  view.setBigUint64(16, BigInt(Math.max(0, chunks - 1)), true)
  view.setBigUint64(24, BigInt(nextRecordId), true)
  view.setUint32(32, 128, true)
  view.setUint16(36, 1, true)
  view.setUint16(38, 3, true)
  view.setUint16(40, FILE_HEADER, true)
  view.setUint16(42, chunks, true)
  view.setUint32(124, crc32(bytes.subarray(0, 120)), true)
  return bytes
}

/** Tries a record in the chunk; false (and nothing changed that matters) when it does not fit any more. */
function fits(record: EvtxRecord, chunk: OpenChunk): boolean {
  const names = new Map(chunk.names.offsets)
  const chains = chunk.names.chains.slice()
  const templates = new Map(chunk.templates)
  const templateChains = chunk.templateChains.slice()
  const bytes = recordBytes(record, chunk)
  if (chunk.used + bytes.length <= CHUNK) {
    chunk.bytes.set(bytes, chunk.used)
    chunk.lastRecordAt = chunk.used
    chunk.used += bytes.length
    chunk.recordIds.push(record.recordId)
    return true
  }
  chunk.names.offsets.clear()
  for (const [name, offset] of names) chunk.names.offsets.set(name, offset)
  chunk.names.chains.set(chains)
  chunk.templates.clear()
  for (const [key, offset] of templates) chunk.templates.set(key, offset)
  chunk.templateChains.set(templateChains)
  return false
}

/**
 * The bytes of an EVTX file with these records in this order: file header, chunks of 64 KiB with string and template tables and
 * checksums, records with templates, substitutions and the embedded EventData or UserData. Strings may hold any UTF-16 code unit.
 * Throws RangeError for what the format cannot hold: a value above 65,535 bytes, a record above about 64,000 bytes, a bad GUID or SID.
 */
export function writeEvtx(records: Iterable<EvtxRecord>): Uint8Array {
  const chunks: Uint8Array[] = []
  let chunk = openChunk()
  let number = 1
  let nextRecordId = 1
  const close = () => {
    chunks.push(closeChunk(chunk, number))
    number += chunk.recordIds.length
    chunk = openChunk()
  }
  for (const record of records) {
    if (!fits(record, chunk)) {
      if (chunk.recordIds.length > 0) close()
      if (!fits(record, chunk)) throw new RangeError(`record ${record.recordId} is larger than a chunk of 64 KiB`)
    }
    nextRecordId = Math.max(nextRecordId, record.recordId + 1)
  }
  if (chunk.recordIds.length > 0) close()
  const out = new Uint8Array(FILE_HEADER + chunks.length * CHUNK)
  out.set(fileHeader(chunks.length, nextRecordId))
  chunks.forEach((bytes, index) => {
    out.set(bytes, FILE_HEADER + index * CHUNK)
  })
  return out
}

/** Writes the checksums of a log's file header and chunks anew, so that a change reaches what is behind them. */
export function repairChecksums(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length >= FILE_HEADER) view.setUint32(124, crc32(bytes.subarray(0, 120)), true)
  for (let at = FILE_HEADER; at + CHUNK <= bytes.length; at += CHUNK) {
    const chunk = bytes.subarray(at, at + CHUNK)
    const free = view.getUint32(at + 48, true)
    if (free >= CHUNK_HEADER && free <= CHUNK) view.setUint32(at + 52, crc32(chunk.subarray(CHUNK_HEADER, free)), true)
    view.setUint32(at + 124, crc32(chunk.subarray(128, CHUNK_HEADER), crc32(chunk.subarray(0, 120))), true)
  }
  return bytes
}
