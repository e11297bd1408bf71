/** Four numbers of a dotted IPv4 address; undefined when it is none. */
function ipv4Parts(address: string): readonly [number, number, number, number] | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)
  if (!match) return undefined
  const parts = match.slice(1).map(Number)
  if (parts.some(part => part > 255)) return undefined
  return parts as [number, number, number, number] & number[]
}

/** The IPv4 address inside an IPv4-mapped IPv6 one ("::ffff:10.0.0.1"), else the address in lower case without a zone index. */
export function canonicalAddress(text: string): string {
  const [address = ''] = text.trim().toLowerCase().split('%', 1)
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** The longest IPv6 address (INET6_ADDRSTRLEN of RFC 3493) with a zone index and blanks around it; longer texts are names. */
const MAX_ADDRESS_LENGTH = 96

/** Does the text look like an IPv4 or IPv6 address? */
export function isAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS_LENGTH) return false
  return (
    ipv4Parts(canonicalAddress(text)) !== undefined ||
    (/^[0-9a-f:]*:[0-9a-f:]*(?:\.\d+)*$/i.test(text) && text.includes(':') && text.length >= 2)
  )
}

export function isLoopback(text: string): boolean {
  const address = canonicalAddress(text)
  return address === '::1' || ipv4Parts(address)?.[0] === 127
}

/**
 * Is the address inside somebody's network or otherwise not routed on the internet: private (RFC 1918, 4193, 6598), loopback,
 * link-local, multicast, broadcast, unspecified? Documentation ranges (RFC 5737) count as outside: examples use them so.
 */
export function isInternalAddress(text: string): boolean {
  const address = canonicalAddress(text)
  const parts = ipv4Parts(address)
  if (parts) {
    const [a, b] = parts
    return (
      a === 10 ||
      a === 127 ||
      a === 0 ||
      a >= 224 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127)
    )
  }
  return /^(?:::1?$|f[cd]|fe[89ab]|ff)/.test(address) && address.includes(':')
}

/** A routable address outside the operator's network. */
export function isOutsideAddress(text: string): boolean {
  return isAddress(text) && !isInternalAddress(text)
}
