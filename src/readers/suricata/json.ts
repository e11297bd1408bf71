import { type Micros, microsFromIso } from '../../model/index.ts'
import { flowAddress } from '../meanings/flow.ts'

/** A JSON object as EVE nests them. */
export type EveObject = Readonly<Record<string, unknown>>

const NOTHING: EveObject = {}

export function isEveObject(value: unknown): value is EveObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object a line holds; undefined when it holds none. */
export function eveObjectOf(line: string): EveObject | undefined {
  if (!line.trimStart().startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isEveObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const own = (object: EveObject, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined)

/** A nested object; an empty one when absent. */
export function objectAt(object: EveObject, name: string): EveObject {
  const value = own(object, name)
  return isEveObject(value) ? value : NOTHING
}

/** Objects of a nested list. */
export function objectsAt(object: EveObject, name: string): readonly EveObject[] {
  const value = own(object, name)
  return Array.isArray(value) ? value.filter(isEveObject) : []
}

/** Text of a field; numbers and flags as text, '' when absent. */
export function textAt(object: EveObject, name: string): string {
  const value = own(object, name)
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

export function addressAt(object: EveObject, name: string): string {
  return flowAddress(textAt(object, name))
}

/** Whole number of a field; undefined when absent or none. */
export function intAt(object: EveObject, name: string): number | undefined {
  const value = own(object, name)
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
}

export function timeAt(object: EveObject, name: string): Micros | undefined {
  const value = own(object, name)
  return typeof value === 'string' ? microsFromIso(value) : undefined
}

/** Both ends of a record. */
export const endsOf = (record: EveObject) => ({
  srcIp: addressAt(record, 'src_ip'),
  srcPort: intAt(record, 'src_port'),
  dstIp: addressAt(record, 'dest_ip'),
  dstPort: intAt(record, 'dest_port'),
})

/** Suricata's id of the flow, shared by all records about it. */
export const uidOf = (record: EveObject): string => textAt(record, 'flow_id')
