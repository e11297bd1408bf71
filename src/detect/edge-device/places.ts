import { edgeProducts, MICROS_PER_DAY } from '../../model/index.ts'

/**
 * The network an address belongs to, as far as an address alone tells: /24 for IPv4, /48 for IPv6. Home lines keep their prefix for weeks
 * while the last number changes.
 */
export function networkOf(column: string): string {
  return `case when ${column} like '%:%' then regexp_replace(${column}, '^((?:[^:]*:){3}).*$', '\\1') else regexp_replace(${column}, '[.][0-9]+$', '') end`
}

/** "203.0.113.0/24" of a prefix that `networkOf` made. */
export function networkName(prefix: string): string {
  return prefix.includes(':') ? `${prefix}:/48` : `${prefix}.0/24`
}

/** Day of a record as a whole number. */
export const DAY_OF = `cast(floor("time" / ${MICROS_PER_DAY}.0) as bigint)`

/** How VPN gateways name what somebody logged in to. */
export const VPN_PROTOCOLS = "('ssl-vpn', 'ipsec', 'vpn', 'l2tp', 'pptp', 'openvpn', 'wireguard', 'globalprotect', 'radius')"

/** Products of edge devices, as a list for `in`. */
export const EDGE_PRODUCTS = `(${edgeProducts.map(product => `'${product}'`).join(', ')})`
