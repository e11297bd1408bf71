import { canonicalAddress } from '../../model/index.ts'

/** One end of a connection as a table prints it. */
export interface End {
  readonly address: string
  /** Undefined where the protocol has none, or the table leaves it out. */
  readonly port: number | undefined
}

/** A connection a device keeps in its table, with what it makes of its ends. */
export interface Translation {
  readonly kind: 'connection'
  /** Name or IANA number. */
  readonly protocol: string
  /** As the one who opened the connection sent it. */
  readonly src: End
  readonly dst: End
  /** As it leaves the device; undefined when the device does not change it. */
  readonly natSrc: End | undefined
  readonly natDst: End | undefined
  /** True when the table says who opened the connection, undefined when only ports or settings hint at it. */
  readonly openerKnown: boolean | undefined
  readonly state: string
  readonly bytesOut: number | undefined
  readonly bytesIn: number | undefined
  /** Both directions, where the table does not tell them apart. */
  readonly bytesTotal: number | undefined
  readonly packetsOut: number | undefined
  readonly packetsIn: number | undefined
  /** Seconds since it was opened. */
  readonly age: number | undefined
  /** Seconds since 1970, where the table stamps its rows. */
  readonly stamp: number | undefined
  readonly ended: boolean
}

/** A translation that is always there: what reaches `seen` is led to `real`, whoever sends it. */
export interface StaticTranslation {
  readonly kind: 'static'
  readonly protocol: string
  readonly seen: End
  readonly real: End
}

export type TableRow = Translation | StaticTranslation

/** What every connection has that the table does not say more about. */
export const PLAIN = {
  kind: 'connection',
  natSrc: undefined,
  natDst: undefined,
  openerKnown: true,
  state: '',
  bytesOut: undefined,
  bytesIn: undefined,
  bytesTotal: undefined,
  packetsOut: undefined,
  packetsIn: undefined,
  age: undefined,
  stamp: undefined,
  ended: false,
} as const

/** An end in the forms that these tables print: "192.0.2.1:443", "192.0.2.1/443", "2001:db8::1[443]", "[2001:db8::1]:443", "192.0.2.1". */
export const END = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?|\[[0-9a-fA-F:.]{2,45}\](?::\d{1,5})?|(?=[0-9a-fA-F.]{0,15}:)[0-9a-fA-F:.]{2,45}(?:\[\d{1,5}\])?)`

const FORMS = [
  /^(\d{1,3}(?:\.\d{1,3}){3})(?:[:/](\d{1,5}))?$/,
  /^\[([0-9a-fA-F:.]{2,45})\](?::(\d{1,5}))?$/,
  /^([0-9a-fA-F:.]{2,45})(?:\[(\d{1,5})\])?$/,
]

/** Reads such an end; undefined when it is none. */
export function endOf(text: string | undefined): End | undefined {
  if (text === undefined) return undefined
  for (const form of FORMS) {
    const match = form.exec(text)
    if (match) return endAt(match[1] ?? '', match[2])
  }
  return undefined
}

/** An end of address and port as two texts. */
export function endAt(address: string, port: string | undefined): End | undefined {
  const number = port === undefined || port === '' ? undefined : Number(port)
  if (address === '' || (number !== undefined && !(number <= 65_535))) return undefined
  return { address: canonicalAddress(address), port: number }
}

export const isSameEnd = (one: End, other: End): boolean => one.address === other.address && one.port === other.port

/** The end after translation, where it differs. */
export const changed = (before: End, after: End | undefined): End | undefined =>
  after === undefined || isSameEnd(before, after) ? undefined : after

export const numberIn = (text: string | undefined): number | undefined =>
  text === undefined || !/^\d{1,15}$/.test(text) ? undefined : Number(text)
