import { canonicalAddress, type IndicatorType, isAddress } from '../../model/index.ts'

/** Longer values are texts about indicators, not indicators. */
const MAX_VALUE = 2_000

/** Type and comparable form of a value. */
export interface TypedValue {
  readonly type: IndicatorType
  readonly value: string
}

/** Words lists use for types; MISP (misp-project.org/datamodels), OpenIOC exports and our own indicators.csv among them. */
const TYPE_WORDS: Readonly<Record<string, IndicatorType>> = {
  address: 'address',
  ip: 'address',
  'ip-dst': 'address',
  'ip-src': 'address',
  ipv4: 'address',
  ipv6: 'address',
  'ipv4-addr': 'address',
  'ipv6-addr': 'address',
  'ip address': 'address',
  cidr: 'network',
  network: 'network',
  domain: 'domain',
  'domain-name': 'domain',
  hostname: 'domain',
  fqdn: 'domain',
  url: 'url',
  uri: 'url',
  link: 'url',
  hash: 'hash',
  md5: 'hash',
  sha1: 'hash',
  'sha-1': 'hash',
  sha256: 'hash',
  'sha-256': 'hash',
  sha512: 'hash',
  'file-hash': 'hash',
  path: 'path',
  filepath: 'path',
  'file path': 'path',
  filename: 'file-name',
  'file-name': 'file-name',
  file: 'file-name',
  'user-agent': 'user-agent',
  useragent: 'user-agent',
  ja3: 'ja3',
  'ja3-fingerprint-md5': 'ja3',
  certificate: 'certificate',
  'x509-fingerprint-sha1': 'certificate',
  'x509-fingerprint-sha256': 'certificate',
  'x509-fingerprint-md5': 'certificate',
  'tls fingerprint': 'certificate',
  regkey: 'registry-key',
  'registry-key': 'registry-key',
}

/** The type a list's own word means; undefined for words we do not know. */
export function typeOfWord(word: string): IndicatorType | undefined {
  const key = word.trim().toLowerCase().replaceAll('_', '-')
  return Object.hasOwn(TYPE_WORDS, key) ? TYPE_WORDS[key] : undefined
}

/** Writes "198.51.100[.]7", "hxxps://a[.]example" and "a(dot)example" as they are meant; reports write so that nobody clicks. */
export function refanged(text: string): string {
  return text
    .trim()
    .slice(0, MAX_VALUE)
    .replace(/\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)/gi, '.')
    .replace(/\[:\]/g, ':')
    .replace(/^hxxp/i, 'http')
    .replace(/\[:\/\/\]/g, '://')
}

const DIGEST = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/
const DOMAIN = /^(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/
const NETWORK = /^[0-9a-f.:]+\/\d{1,3}$/i

/** The comparable form of a value of a known type; undefined when it is none of that type. */
export function typedAs(type: IndicatorType, text: string): TypedValue | undefined {
  const value = refanged(text)
  const lower = value.toLowerCase()
  switch (type) {
    case 'address': {
      // "198.51.100.7:8443" and "198.51.100.7|8443": the port belongs to the session, not to the address.
      const bare = lower.replace(/^(\d{1,3}(?:\.\d{1,3}){3})[:|]\d{1,5}$/, '$1')
      if (isAddress(bare)) return { type, value: canonicalAddress(bare) }
      return NETWORK.test(bare) ? typedAs('network', bare) : undefined
    }
    case 'network': {
      if (!NETWORK.test(lower)) return undefined
      const [address = '', bits = ''] = lower.split('/')
      if (!isAddress(address) || Number(bits) > (address.includes(':') ? 128 : 32)) return undefined
      const whole = address.includes(':') ? 128 : 32
      return Number(bits) === whole ? { type: 'address', value: canonicalAddress(address) } : { type, value: lower }
    }
    case 'domain': {
      const name = lower.replace(/^\*?\./, '').replace(/\.$/, '')
      return DOMAIN.test(name) ? { type, value: name } : undefined
    }
    case 'url': {
      const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#\s]+)(\/[^\s]*)?$/i.exec(value)
      if (!match?.[1]) return undefined
      const place = match[1]
        .toLowerCase()
        .replace(/^[^@]*@/, '')
        .replace(/:\d{1,5}$/, '')
      if (!isAddress(place) && !DOMAIN.test(place)) return undefined
      // A URL of a whole server says no more than the server's name.
      if ((match[2] ?? '/') === '/') return isAddress(place) ? typedAs('address', place) : { type: 'domain', value: place }
      return { type, value: `${place}${match[2] ?? ''}` }
    }
    case 'hash':
    case 'ja3':
    case 'certificate': {
      const digest = lower.replace(/^(?:md5|sha-?1|sha-?256|sha-?512)[:=]/, '').replace(/[:\s]/g, '')
      return DIGEST.test(digest) && (type !== 'ja3' || digest.length === 32) ? { type, value: digest } : undefined
    }
    case 'path': {
      const path = lower.replaceAll('/', '\\')
      return path.includes('\\') ? { type, value: path } : typedAs('file-name', value)
    }
    case 'file-name': {
      if (/[\\/]/.test(value)) return typedAs('path', value)
      return lower.length >= 3 ? { type, value: lower } : undefined
    }
    case 'user-agent': {
      // One advisory printed a run of blanks inside its user agent: white space is compared as one blank.
      const agent = value.replace(/\s+/g, ' ')
      return agent.length >= 4 ? { type, value: agent.toLowerCase() } : undefined
    }
    case 'registry-key':
      return { type, value: registryKey(lower) }
    default:
      return type satisfies never
  }
}

const HIVES: readonly (readonly [RegExp, string])[] = [
  [/^hkey_local_machine\b|^\\registry\\machine\b/, 'hklm'],
  [/^hkey_current_user\b/, 'hkcu'],
  [/^hkey_users\b|^\\registry\\user\b/, 'hku'],
  [/^hkey_classes_root\b/, 'hkcr'],
]

/** Registry keys with the short name of their hive, as Sysmon writes them. */
function registryKey(key: string): string {
  const hive = HIVES.find(([pattern]) => pattern.test(key))
  return hive ? key.replace(hive[0], hive[1]) : key
}

/** What a bare value of a list is, by its look alone; undefined for words and sentences. */
export function guessed(text: string): TypedValue | undefined {
  const value = refanged(text)
  if (value === '' || value.length >= MAX_VALUE) return undefined
  const digest = typedAs('hash', value)
  if (digest) return digest
  if (/^[0-9a-f.:]+(?:\/\d{1,3})?(?:[:|]\d{1,5})?$/i.test(value)) return typedAs('address', value)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return typedAs('url', value)
  if (/^(?:[a-z]:\\|\\\\|%[a-z]+%\\|\/)[^\s]/i.test(value)) return typedAs('path', value)
  if (/^Mozilla\/\d/.test(value)) return typedAs('user-agent', value)
  // "cisco_up.exe" has the form of a domain: an ending of programs and scripts decides.
  if (/^[^\s\\/]{1,120}\.(?:exe|dll|bat|ps1|vbs|jar|jspx?|aspx?|php|sh|tmp|sys|dat|lic|log)$/i.test(value))
    return typedAs('file-name', value)
  return typedAs('domain', value)
}
