import { ChunkNames } from './element-parser.ts'
import { InstanceParser } from './instance.ts'
import { RECORD_HEADER_BYTES, RECORD_SIGNATURE, SMALLEST_RECORD_BYTES, u32, u64 } from './layout.ts'
import { definitionWithoutNames } from './lost-definition.ts'
import type { Place } from './plan.ts'
import { EvtxRecord } from './record.ts'
import type { Template, TemplateCache } from './template.ts'
import { eventTimeOf } from './values.ts'

/** A record out of unused space. */
export interface CarvedRecord {
  readonly record: EvtxRecord
  /** A definition of it is gone: its values have no names. */
  readonly isNameless: boolean
}

/** Why a record is told: it is one of the log's, or it was found in unused space, with the names of its values or without. */
export type Whence = 'whole' | 'carved' | 'carved, nameless'

/** What carving found out beside the records themselves. */
export interface CarveCounts {
  /** Headers of records whose rest cannot be read. */
  unreadable: number
  firstUnreadable: number
  /** Records whose definition is gone and was found nowhere else: their values have no names. */
  nameless: number
  firstNameless: number
}

/** Definitions of one part's whole records by number, for remains whose own were written over. */
export class DefinitionsByNumber {
  private readonly known = new Map<number, Template[]>()

  add(definitions: Iterable<readonly [number, Template]>): void {
    for (const [number, template] of definitions) {
      const alike = this.known.get(number) ?? []
      if (!alike.includes(template) && alike.length < MAX_ALIKE) alike.push(template)
      this.known.set(number, alike)
    }
  }

  /** The one definition that goes with values of these types; undefined when there is none, or more than one. */
  find(number: number, types: readonly number[]): Template | undefined {
    const fitting = (this.known.get(number) ?? []).filter(template => fits(template, types))
    return fitting.length === 1 ? fitting[0] : undefined
  }
}

/** Versions of a definition under one number; numbers are random, so there are hardly two. */
const MAX_ALIKE = 8

/** Has every slot a value of its type, or none? */
function fits(template: Template, types: readonly number[]): boolean {
  if (template.slots > types.length) return false
  return template.fields.every(field =>
    field.parts.every(part => {
      const type = typeof part === 'object' ? (types[part.index] ?? 0) : 0
      return typeof part === 'string' || type === 0 || type === part.type
    }),
  )
}

/**
 * Records in bytes of a chunk that no record of the log covers, from `from` on: remains of an older use. Only what is whole by its own
 * header and end is taken. Definitions they name may be written over; then they are looked for among those of the log's whole
 * records, and else the values stand without names.
 */
export function* carveRecords(
  bytes: Buffer,
  fileOffset: number,
  from: number,
  cache: TemplateCache,
  definitions: DefinitionsByNumber,
  counts: CarveCounts,
): Generator<CarvedRecord> {
  let isNameless = false
  const rescue = (number: number, types: readonly number[], place: Place): Template => {
    const found = definitions.find(number, types)
    if (found) return found
    isNameless = true
    return definitionWithoutNames(types, place)
  }
  const parser = new InstanceParser(bytes, new ChunkNames(bytes, true), cache, rescue)
  let at = bytes.indexOf(SIGNATURE, from)
  while (at >= 0) {
    const size = recordSize(bytes, at)
    let next = at + 4
    if (size > 0) {
      isNameless = false
      const root = parser.record(at + RECORD_HEADER_BYTES, at + size - 4)
      if (root && !parser.fault) {
        if (isNameless && counts.nameless++ === 0) counts.firstNameless = fileOffset + at
        yield { record: new EvtxRecord(u64(bytes, at + 8), fileOffset + at, at, root), isNameless }
        next = at + size
      } else if (counts.unreadable++ === 0) counts.firstUnreadable = fileOffset + at
    }
    at = bytes.indexOf(SIGNATURE, next)
  }
}

const SIGNATURE = Buffer.from([0x2a, 0x2a, 0, 0])

/** Size of a record that is whole and has a possible number and time; 0 for anything else. */
function recordSize(bytes: Buffer, at: number): number {
  if (at + SMALLEST_RECORD_BYTES > bytes.length || u32(bytes, at) !== RECORD_SIGNATURE) return 0
  const size = u32(bytes, at + 4)
  if (size < SMALLEST_RECORD_BYTES || at + size > bytes.length || u32(bytes, at + size - 4) !== size) return 0
  const recordId = u64(bytes, at + 8)
  const isPossible = recordId > 0 && Number.isSafeInteger(recordId) && eventTimeOf(bytes, at + 16) !== undefined
  return isPossible && u32(bytes, at + RECORD_HEADER_BYTES) === FRAGMENT_HEADER ? size : 0
}

/** "0f 01 01 00", with which the binary XML of a record begins. */
const FRAGMENT_HEADER = 0x0001010f
