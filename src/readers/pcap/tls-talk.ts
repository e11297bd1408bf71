import type { ByteQueue } from './byte-queue.ts'
import { u8, u16, u24 } from './bytes.ts'
import type { Moment } from './flow.ts'
import { endsFrom } from './map.ts'
import type { Dissector, From, Talk } from './talk.ts'
import {
  type Certificate,
  type ClientHello,
  clientHello,
  firstCertificate,
  type ServerHello,
  serverHello,
  versionName,
} from './tls.ts'

const CHANGE_CIPHER = 20
const ALERT = 21
const HANDSHAKE = 22
const APPLICATION = 23
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const CERTIFICATE = 11

/** A TLS record holds 2^14 bytes and a little (RFC 8446, section 5.2). */
const MAX_RECORD = 16_384 + 2_048
/** The largest chains in use have some 10 kB. */
const MAX_HANDSHAKE = 40_000

/** The handshake of TLS up to what is encrypted: names, fingerprints, the server's certificate (not in TLS 1.3, which encrypts it). */
export class Tls implements Dissector {
  #client: From
  #at: Moment | undefined
  #hello: ClientHello | undefined
  #answer: ServerHello | undefined
  #certificate: Certificate | undefined
  /** Handshake messages of one side, which may be spread over records. */
  readonly #messages: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)]
  readonly #isEncrypted: [boolean, boolean] = [false, false]
  #alert = ''
  #isTold = false

  constructor(client: From) {
    this.#client = client
  }

  data(from: From, queue: ByteQueue, talk: Talk): boolean {
    for (;;) {
      const { bytes } = queue
      if (bytes.length < 5) return true
      const type = u8(bytes, 0)
      const length = u16(bytes, 3)
      if (type < CHANGE_CIPHER || type > 24 || u8(bytes, 1) !== 3 || length > MAX_RECORD) return this.#finish(talk)
      if (bytes.length < 5 + length) return true
      const goOn = this.#record(from, type, bytes.subarray(5, 5 + length), talk)
      queue.drop(5 + length)
      if (!goOn) return this.#finish(talk)
    }
  }

  get held(): number {
    return this.#messages[0].length + this.#messages[1].length
  }

  gap(): boolean {
    return false
  }

  end(talk: Talk): void {
    this.#finish(talk)
  }

  /** False when the handshake is over. */
  #record(from: From, type: number, body: Uint8Array, talk: Talk): boolean {
    if (type === ALERT && !this.#isEncrypted[from] && body.length === 2) this.#alert = `alert ${u8(body, 1)}`
    if (type === CHANGE_CIPHER || type === APPLICATION) this.#isEncrypted[from] = true
    if (type === HANDSHAKE && !this.#isEncrypted[from]) this.#handshake(from, body, talk)
    // Both sides encrypt: the connection stands, and nothing more can be read.
    return !(this.#isEncrypted[0] && this.#isEncrypted[1])
  }

  #handshake(from: From, body: Uint8Array, talk: Talk): void {
    const kept = this.#messages[from]
    if (kept.length + body.length > MAX_HANDSHAKE) return
    const all = new Uint8Array(kept.length + body.length)
    all.set(kept)
    all.set(body, kept.length)
    let at = 0
    while (at + 4 <= all.length) {
      const length = u24(all, at + 1)
      if (at + 4 + length > all.length) break
      this.#message(from, u8(all, at), all.subarray(at + 4, at + 4 + length), talk)
      at += 4 + length
    }
    this.#messages[from] = all.slice(at)
  }

  #message(from: From, type: number, body: Uint8Array, talk: Talk): void {
    switch (type) {
      case CLIENT_HELLO:
        // A second one follows HelloRetryRequest: the first is the fingerprint.
        if (this.#hello !== undefined) break
        this.#hello = clientHello(body)
        this.#at = talk.moment
        this.#client = from
        if (this.#hello !== undefined) talk.clientIs(from)
        break
      case SERVER_HELLO:
        this.#answer ??= serverHello(body)
        this.#at ??= talk.moment
        if (this.#hello === undefined) this.#client = from === 0 ? 1 : 0
        break
      case CERTIFICATE:
        if (from !== this.#client) this.#certificate ??= firstCertificate(body)
        break
      default:
    }
  }

  #finish(talk: Talk): false {
    if (this.#isTold || (this.#hello === undefined && this.#answer === undefined)) return false
    this.#isTold = true
    talk.service('ssl')
    const hello = this.#hello
    const answer = this.#answer
    const certificate = this.#certificate
    const version = answer?.version ?? hello?.version ?? 0
    const established = this.#isEncrypted[0] && this.#isEncrypted[1]
    const protocols = hello?.protocols.join(',') ?? ''
    talk.say(
      'ssl',
      {
        kind: 'tls_activity',
        ...endsFrom(talk.flow, this.#client),
        serverName: hello?.serverName ?? '',
        version: versionName(version),
        ja3: hello?.ja3 ?? '',
        ja3s: answer?.ja3s ?? '',
        subject: certificate?.subject ?? '',
        issuer: certificate?.issuer ?? '',
        fingerprint: certificate?.fingerprint ?? '',
        // A capture holds no trust store: only that a certificate vouches for itself can be seen.
        validation:
          certificate !== undefined && certificate.subject !== '' && certificate.subject === certificate.issuer
            ? 'self signed certificate'
            : '',
        established,
      },
      {
        version: versionName(version),
        ...(answer ? { cipher: `0x${answer.cipher.toString(16).padStart(4, '0')}` } : {}),
        ...(hello?.serverName ? { server_name: hello.serverName } : {}),
        established: String(established),
        ...(hello ? { ja3: hello.ja3 } : {}),
        ...(answer ? { ja3s: answer.ja3s } : {}),
        ...(protocols === '' ? {} : { next_protocols: protocols }),
        ...(certificate
          ? { cert_chain_fps: certificate.fingerprint, subject: certificate.subject, issuer: certificate.issuer }
          : {}),
        ...(this.#alert === '' ? {} : { last_alert: this.#alert }),
      },
      this.#at ?? talk.moment,
    )
    return false
  }
}
