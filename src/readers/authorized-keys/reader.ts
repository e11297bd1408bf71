import { hashSource } from '../../evidence/index.ts'
import type { Reader } from '../../model/index.ts'
import { accountOfPath } from '../carriers/account-of-path.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'

/** sshd(8), "AUTHORIZED_KEYS FILE FORMAT": options, kind of key, key in base 64, comment. */
const KEY =
  /^(?:(.{1,8000}?) )??((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com|ssh-(?:rsa|ed25519)-cert-v01@openssh\.com)) (AAAA[A-Za-z0-9+/]{20,16000}={0,3})(?:\s+(.*))?$/

/** The expression is slow on long lines of other files; every key begins with these letters. */
const isKey = (line: string) => line.includes(' AAAA') && KEY.test(line)

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** "SHA256:…" as ssh-keygen -l and sshd's log print it, so that a log-in can be told to be with this key. */
function fingerprintOf(key: string): string {
  const bytes = Uint8Array.from(atob(key), character => character.charCodeAt(0))
  const digest = hashSource({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) })
  const bits = (digest.match(/../g) ?? []).map(pair => Number.parseInt(pair, 16).toString(2).padStart(8, '0')).join('')
  return `SHA256:${(bits.match(/.{1,6}/g) ?? []).map(six => BASE64[Number.parseInt(six.padEnd(6, '0'), 2)]).join('')}`
}

/** Keys that open an account by SSH. */
export const reader: Reader = lineReader({
  format: 'authorized-keys',
  title: 'SSH keys that open an account (authorized_keys)',
  version: 1,
  product: 'ssh',
  timeless: true,
  about: {
    reads: 'authorized_keys files of OpenSSH, with options.',
    exported:
      'Copy `/root/.ssh/authorized_keys*` and `/home/*/.ssh/authorized_keys*`, and what `AuthorizedKeysFile` in sshd_config names.',
    shows:
      "Which keys open which account, with the fingerprint that sshd's log names at each log-in, commands and options bound to them, and their comment.",
    cannotShow: 'Who put a key there and when.',
    clock: 'Host never: give it. No times.',
    builtFrom: 'recorded',
    checkedOn: 'keys made with ssh-keygen for the tests, fingerprints compared with it.',
  },
  recognise: sample => {
    const share = scoreOfLines(sample, line => isKey(line) || line.startsWith('#'), 93)
    return sample.lines.some(isKey) && !/\.pub$/i.test(sample.path) ? share : 0
  },
  open: ({ part }) => {
    const user = accountOfPath(part.path)
    return text => {
      if (text.trimStart().startsWith('#')) return 'passed over'
      const match = KEY.exec(text.trim())
      if (!match) return undefined
      const [, options = '', kind = '', key = '', comment = ''] = match
      const padded = key.replace(/=+$/, '')
      if (padded.length % 4 === 1) return undefined
      return {
        time: undefined,
        identity: `${user}|${key}`,
        fields: {
          kind: 'device_config',
          action: 'found',
          user,
          object: 'authorized-key',
          attribute: `${kind} ${fingerprintOf(padded.padEnd(Math.ceil(padded.length / 4) * 4, '='))}`,
          command: [options, comment].filter(text => text !== '').join(' '),
        },
      }
    }
  },
})
