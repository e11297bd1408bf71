import { digestOf } from '../../evidence/index.ts'
import type { ByteQueue } from './byte-queue.ts'
import { latin1, u8, u32 } from './bytes.ts'
import type { Moment } from './flow.ts'
import { endsFrom } from './map.ts'
import type { Dissector, From, Talk } from './talk.ts'

const KEXINIT = 20
/** RFC 4253, section 6.1: 35,000 bytes must be taken; a key exchange offer has one or two thousand. */
const MAX_PACKET = 35_000
/** RFC 4253, section 4.2: 255 characters; lines before it are allowed, and few servers send them. */
const MAX_GREETING = 4_096

/** The words and offers of both sides before SSH encrypts: RFC 4253. */
export class Ssh implements Dissector {
  readonly #banner = ['', '']
  readonly #hassh = ['', '']
  #client: From = 0
  #at: Moment | undefined
  #isTold = false

  constructor(client: From) {
    this.#client = client
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    this.#at ??= talk.moment
    if (this.#banner[from] === '' && !this.#readBanner(from, queue)) return queue.length < MAX_GREETING
    const { bytes } = queue
    if (this.#banner[from] === '' || this.#hassh[from] !== '') return this.#goOn(talk)
    if (bytes.length < 6) return true
    const length = u32(bytes, 0)
    if (length > MAX_PACKET || length < 2) return this.#finish(talk)
    if (bytes.length < 4 + length) return true
    if (u8(bytes, 5) !== KEXINIT) return this.#finish(talk)
    this.#hassh[from] = hasshOf(bytes.subarray(6 + 16, 4 + length), from === this.#client) ?? 'none'
    queue.drop(4 + length)
    return this.#goOn(talk)
  }

  gap(): boolean {
    return false
  }

  end(talk: Talk): void {
    this.#finish(talk)
  }

  #goOn(talk: Talk): boolean {
    return this.#hassh.includes('') ? true : this.#finish(talk)
  }

  /** Takes the identification line; false when it is not there yet. */
  #readBanner(from: From, queue: ByteQueue): boolean {
    for (;;) {
      const { bytes } = queue
      const end = bytes.indexOf(10)
      if (end < 0) return false
      const line = latin1(bytes, 0, Math.min(end, 512)).replace(/\r$/, '')
      queue.drop(end + 1)
      if (!line.startsWith('SSH-')) continue
      this.#banner[from] = line.slice(0, 255).replace(/[^ -~]/g, '.')
      return true
    }
  }

  #finish(talk: Talk): false {
    if (this.#isTold || (this.#banner[0] === '' && this.#banner[1] === '')) return false
    this.#isTold = true
    talk.service('ssh')
    const server: From = this.#client === 0 ? 1 : 0
    const said = (from: From): string => this.#banner[from] ?? ''
    const print = (from: From): string => (this.#hassh[from] === 'none' ? '' : (this.#hassh[from] ?? ''))
    talk.say(
      'ssh',
      {
        kind: 'ssh_activity',
        ...endsFrom(talk.flow, this.#client),
        client: said(this.#client),
        server: said(server),
        hassh: print(this.#client),
        hasshServer: print(server),
      },
      {
        version: /^SSH-2|^SSH-1\.99/.test(said(server) || said(this.#client)) ? '2' : '1',
        client: said(this.#client),
        server: said(server),
        ...(print(this.#client) === '' ? {} : { hassh: print(this.#client) }),
        ...(print(server) === '' ? {} : { hasshServer: print(server) }),
      },
      this.#at ?? talk.moment,
    )
    return false
  }
}

/**
 * HASSH (github.com/salesforce/hassh): the MD5 of what a side offers for key exchange and for its own direction's cipher, MAC and
 * compression. `lists` begins behind the cookie of KEXINIT; undefined when it is cut.
 */
function hasshOf(lists: Uint8Array, isClient: boolean): string | undefined {
  const names: string[] = []
  let at = 0
  while (names.length < 8) {
    if (at + 4 > lists.length) return undefined
    const length = u32(lists, at)
    if (at + 4 + length > lists.length) return undefined
    names.push(latin1(lists, at + 4, at + 4 + length))
    at += 4 + length
  }
  // Order of RFC 4253, section 7.1: kex, host keys, then cipher, MAC and compression, each to the server and to the client.
  const [kex = '', , cipherOut = '', cipherIn = '', macOut = '', macIn = '', zipOut = '', zipIn = ''] = names
  const own = isClient ? [kex, cipherOut, macOut, zipOut] : [kex, cipherIn, macIn, zipIn]
  return digestOf('md5', own.join(';'))
}
