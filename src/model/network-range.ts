import ipaddr from 'ipaddr.js'

/** Is an address inside a network in CIDR notation ("10.20.5.0/24")? False for anything that is neither. */
export function inNetwork(address: string, network: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(network)) return false
  const parsed = ipaddr.parse(address)
  const [base, bits] = ipaddr.parseCIDR(network)
  return parsed.kind() === base.kind() && parsed.match(base, bits)
}
