import { latin1, u8 } from './bytes.ts'

/** One element of DER: ITU-T X.690. */
interface Element {
  readonly tag: number
  readonly at: number
  readonly end: number
}

function elementAt(data: Uint8Array, from: number, end: number): Element | undefined {
  if (from + 2 > end) return undefined
  const tag = u8(data, from)
  const first = u8(data, from + 1)
  if (first < 0x80) return from + 2 + first <= end ? { tag, at: from + 2, end: from + 2 + first } : undefined
  const count = first & 0x7f
  if (count === 0 || count > 4 || from + 2 + count > end) return undefined
  let length = 0
  for (let index = 0; index < count; index++) length = length * 256 + u8(data, from + 2 + index)
  const at = from + 2 + count
  return at + length <= end ? { tag, at, end: at + length } : undefined
}

function childrenOf(data: Uint8Array, parent: Element): Element[] {
  const children: Element[] = []
  for (let at = parent.at; at < parent.end && children.length < 64; ) {
    const child = elementAt(data, at, parent.end)
    if (child === undefined) break
    children.push(child)
    at = child.end
  }
  return children
}

const SEQUENCE = 0x30
const OID = 0x06
const VERSION = 0xa0
const WIDE_TEXT = 0x1e

/** Short names of attributes: RFC 4514, and what openssl prints. Keys are the object identifiers' bytes. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  '85,4,3': 'CN',
  '85,4,4': 'SN',
  '85,4,5': 'serialNumber',
  '85,4,6': 'C',
  '85,4,7': 'L',
  '85,4,8': 'ST',
  '85,4,9': 'street',
  '85,4,10': 'O',
  '85,4,11': 'OU',
  '85,4,42': 'GN',
  '9,146,38,137,147,242,44,100,1,1': 'UID',
  '9,146,38,137,147,242,44,100,1,25': 'DC',
  '42,134,72,134,247,13,1,9,1': 'emailAddress',
}

/** Subject and issuer of a certificate (RFC 5280, section 4.1), the most specific attribute first as RFC 4514 and Zeek write names; '' when unreadable. */
export function certificateNames(data: Uint8Array): { readonly subject: string; readonly issuer: string } {
  const whole = elementAt(data, 0, data.length)
  const [body] = whole ? childrenOf(data, whole) : []
  if (body === undefined || body.tag !== SEQUENCE) return { subject: '', issuer: '' }
  const parts = childrenOf(data, body)
  const first = parts[0]?.tag === VERSION ? 1 : 0
  // serialNumber, signature, issuer, validity, subject
  return { issuer: nameText(data, parts[first + 2]), subject: nameText(data, parts[first + 4]) }
}

function nameText(data: Uint8Array, name: Element | undefined): string {
  if (name === undefined || name.tag !== SEQUENCE) return ''
  return childrenOf(data, name)
    .flatMap(set => childrenOf(data, set))
    .flatMap(pair => {
      const [type, value] = childrenOf(data, pair)
      if (type === undefined || value === undefined || type.tag !== OID) return []
      const key = data.subarray(type.at, type.end).join(',')
      return [`${ATTRIBUTES[key] ?? 'OID'}=${valueText(data, value)}`]
    })
    .toReversed()
    .join(',')
    .slice(0, 1_024)
}

const utf8 = new TextDecoder()

function valueText(data: Uint8Array, value: Element): string {
  const end = Math.min(value.end, value.at + 256)
  const text =
    value.tag === WIDE_TEXT ? latin1(data, value.at, end).replaceAll('\0', '') : utf8.decode(data.subarray(value.at, end))
  return text.replace(/[\\,+"<>;]/g, '\\$&')
}
