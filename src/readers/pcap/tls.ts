import { digestOf } from '../../evidence/index.ts'
import { hex, latin1, u8, u16, u24 } from './bytes.ts'
import { certificateNames } from './x509.ts'

/** What a ClientHello says: RFC 8446, section 4.1.2, and RFC 5246. */
export interface ClientHello {
  readonly serverName: string
  readonly version: number
  /** github.com/salesforce/ja3: version, ciphers, extensions, groups, point formats; values of RFC 8701 left out. */
  readonly ja3: string
  readonly protocols: readonly string[]
}

export interface ServerHello {
  readonly version: number
  readonly cipher: number
  readonly ja3s: string
}

/** Values reserved so that servers do not stumble over new ones (RFC 8701); they are drawn at random. */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 255)

/** Extensions by number, each with where its data lies. */
interface Extension {
  readonly type: number
  readonly at: number
  readonly end: number
}

function extensionsOf(data: Uint8Array, at: number, end: number): Extension[] {
  const found: Extension[] = []
  let position = at + 2
  const stop = Math.min(end, at + 2 + u16(data, at))
  while (position + 4 <= stop && found.length < 64) {
    const length = u16(data, position + 2)
    const from = position + 4
    if (from + length > stop) break
    found.push({ type: u16(data, position), at: from, end: from + length })
    position = from + length
  }
  return found
}

function list16(data: Uint8Array, at: number, end: number): number[] {
  const values: number[] = []
  for (let position = at; position + 2 <= end && values.length < 512; position += 2) values.push(u16(data, position))
  return values
}

/** The body of a ClientHello; undefined when it is none. */
export function clientHello(data: Uint8Array): ClientHello | undefined {
  const end = data.length
  if (end < 38) return undefined
  const legacy = u16(data, 0)
  let at = 34 + 1 + u8(data, 34)
  const cipherBytes = u16(data, at)
  if (at + 2 + cipherBytes > end) return undefined
  const ciphers = list16(data, at + 2, at + 2 + cipherBytes)
  at += 2 + cipherBytes
  at += 1 + u8(data, at)
  if (at > end) return undefined
  const extensions = at + 2 <= end ? extensionsOf(data, at, end) : []
  const find = (type: number): Extension | undefined => extensions.find(extension => extension.type === type)
  const groups = find(10)
  const points = find(11)
  const versions = find(43)
  const offered = versions ? list16(data, versions.at + 1, versions.end).filter(value => !isGrease(value)) : []
  const numbers = [
    [legacy],
    ciphers.filter(value => !isGrease(value)),
    extensions.map(({ type }) => type).filter(value => !isGrease(value)),
    groups ? list16(data, groups.at + 2, groups.end).filter(value => !isGrease(value)) : [],
    points ? [...data.subarray(points.at + 1, points.end)] : [],
  ]
  return {
    serverName: serverNameOf(data, find(0)),
    version: Math.max(legacy, ...offered),
    ja3: digestOf('md5', numbers.map(values => values.join('-')).join(',')),
    protocols: protocolsOf(data, find(16)),
  }
}

/** RFC 6066, section 3. */
function serverNameOf(data: Uint8Array, extension: Extension | undefined): string {
  if (extension === undefined || extension.end - extension.at < 5 || u8(data, extension.at + 2) !== 0) return ''
  const length = u16(data, extension.at + 3)
  const from = extension.at + 5
  const name = latin1(data, from, Math.min(extension.end, from + length, from + 255))
  return /^[!-~]+$/.test(name) ? name : ''
}

/** RFC 7301. */
function protocolsOf(data: Uint8Array, extension: Extension | undefined): string[] {
  const names: string[] = []
  if (extension === undefined) return names
  for (let at = extension.at + 2; at < extension.end && names.length < 16; at += 1 + u8(data, at))
    names.push(latin1(data, at + 1, Math.min(extension.end, at + 1 + u8(data, at))).replace(/[^!-~]/g, '.'))
  return names
}

/** The body of a ServerHello; undefined when it is none. */
export function serverHello(data: Uint8Array): ServerHello | undefined {
  const end = data.length
  if (end < 38) return undefined
  const legacy = u16(data, 0)
  const at = 34 + 1 + u8(data, 34)
  if (at + 3 > end) return undefined
  const cipher = u16(data, at)
  const extensions = at + 5 <= end ? extensionsOf(data, at + 3, end) : []
  const chosen = extensions.find(({ type }) => type === 43)
  return {
    version: chosen ? u16(data, chosen.at) : legacy,
    cipher,
    ja3s: digestOf('md5', `${legacy},${cipher},${extensions.map(({ type }) => type).join('-')}`),
  }
}

/** The server's own certificate. */
export interface Certificate {
  /** SHA-256 of the whole certificate, as Zeek and browsers show it. */
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
}

/** The first certificate of a Certificate message up to TLS 1.2; undefined when it is none. */
export function firstCertificate(data: Uint8Array): Certificate | undefined {
  const length = u24(data, 3)
  if (data.length < 6 + length || length === 0) return undefined
  const certificate = data.subarray(6, 6 + length)
  return { fingerprint: digestOf('sha256', certificate), ...certificateNames(certificate) }
}

const VERSIONS: Readonly<Record<number, string>> = { 768: 'SSLv3', 769: 'TLSv10', 770: 'TLSv11', 771: 'TLSv12', 772: 'TLSv13' }

/** Version as Zeek writes it. */
export function versionName(version: number): string {
  return VERSIONS[version] ?? `0x${hex(Uint8Array.from([version >> 8, version & 255]))}`
}
