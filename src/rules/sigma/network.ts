import type { Network } from './ast.ts'

/** Reads "10.0.0.0/8", "2001:db8::/32" or one address; undefined when it is none of them. Bits behind the prefix are ignored. */
export function parseNetwork(text: string): Network | undefined {
  const [base = '', length, more] = text.trim().split('/')
  const groups = parseAddress(base)
  if (groups === undefined || more !== undefined) return undefined
  if (length === undefined) return { groups, prefix: 128 }
  const bits = base.includes(':') ? 128 : 32
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined
  return { groups, prefix: 128 - bits + Number(length) }
}

/** Are there bits set behind the prefix ("10.1.2.3/8")? */
export const hasHostBits = ({ groups, prefix }: Network): boolean =>
  groups.some((group, index) => (group & ~maskOf(prefix, index) & 0xffff) !== 0)

/** Addresses read before: one value is asked about many networks, and the same few come again and again. */
const known = new Map<string, readonly number[] | undefined>()
const MAX_KNOWN = 1024

/** Is the text an address of this network? IPv4 and IPv4-mapped IPv6 are the same address; "::/0" holds no IPv4. */
export function inNetwork({ groups, prefix }: Network, text: string): boolean {
  const address = addressOf(text)
  if (address === undefined || (prefix < 96 && isMapped(address))) return false
  // Backwards: what tells IPv4 networks apart comes last.
  for (let index = (prefix - 1) >> 4; index >= 0; index--)
    if ((((groups[index] ?? 0) ^ (address[index] ?? 0)) & maskOf(prefix, index)) !== 0) return false
  return true
}

function addressOf(text: string): readonly number[] | undefined {
  let address = known.get(text)
  if (address === undefined && !known.has(text)) {
    if (known.size >= MAX_KNOWN) known.clear()
    address = parseAddress(text.trim())
    if (text.length <= MAX_TEXT) known.set(text, address)
  }
  return address
}

/** The longest address has 45 characters; a zone may follow. */
const MAX_TEXT = 64

const maskOf = (prefix: number, index: number): number => {
  const bits = Math.min(16, Math.max(0, prefix - index * 16))
  return (0xffff << (16 - bits)) & 0xffff
}

const isMapped = (groups: readonly number[]): boolean => groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0)

/** The eight groups of an address (RFC 4291, 2.2); IPv4 becomes IPv4-mapped. A zone ("fe80::1%eth0") is left out. */
function parseAddress(text: string): readonly number[] | undefined {
  if (text.length > MAX_TEXT) return undefined
  if (!text.includes(':')) {
    const four = parseFour(text)
    return four === undefined ? undefined : [0, 0, 0, 0, 0, 0xffff, ...four]
  }
  const [address = ''] = text.split('%')
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  const tailFour = dotted === null ? [] : parseFour(dotted[2] ?? '')
  if (tailFour === undefined) return undefined
  const [left = '', right, more] = (dotted?.[1]?.replace(/([^:]):$/, '$1') ?? address).split('::')
  if (more !== undefined) return undefined
  const head = groupsOf(left)
  const tail = right === undefined ? [] : groupsOf(right)
  if (head === undefined || tail === undefined) return undefined
  const fill = 8 - tailFour.length - head.length - tail.length
  if (right === undefined ? fill !== 0 : fill < 1) return undefined
  return [...head, ...Array<number>(fill).fill(0), ...tail, ...tailFour]
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return []
  const groups = text.split(':')
  return groups.every(group => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map(group => Number.parseInt(group, 16)) : undefined
}

/** A leading zero is not decimal to everybody ("010"), so such a text is no address. */
function parseFour(text: string): readonly [number, number] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = parts.map(Number)
  return [a * 256 + b, c * 256 + d]
}
