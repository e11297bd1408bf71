/** One packet of a capture that a test makes. */
export interface MadePacket {
  /** Microseconds since 1970. */
  readonly time: number
  readonly bytes: Uint8Array
  /** Length on the wire, where the packet was cut. */
  readonly wire?: number
}

/** How the capture file is written. */
export interface CaptureForm {
  readonly little?: boolean
  readonly nanoseconds?: boolean
  readonly link?: number
  readonly snapshot?: number
}

/** 2023-08-15T05:00:00Z. */
export const CAPTURE_START = 1_692_075_600e6

const word = (value: number, little: boolean): number[] => {
  const bytes = [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  return little ? bytes.toReversed() : bytes
}
const half = (value: number, little = false): number[] => (little ? [value & 255, value >> 8] : [value >> 8, value & 255])

/** A pcap file: datatracker.ietf.org/doc/draft-ietf-opsawg-pcap. */
export function pcapBytes(packets: readonly MadePacket[], form: CaptureForm = {}): Uint8Array {
  const { little = true, nanoseconds = false, link = 1, snapshot = 262_144 } = form
  const w = (value: number) => word(value, little)
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4
  const parts = [...w(magic), ...half(2, little), ...half(4, little), ...w(0), ...w(0), ...w(snapshot), ...w(link)]
  return Buffer.concat([
    Uint8Array.from(parts),
    ...packets.flatMap(({ time, bytes, wire = bytes.length }) => {
      const seconds = Math.floor(time / 1e6)
      const fraction = (time - seconds * 1e6) * (nanoseconds ? 1000 : 1)
      return [Uint8Array.from([...w(seconds), ...w(fraction), ...w(bytes.length), ...w(wire)]), bytes]
    }),
  ])
}

/** One block of a pcapng file. */
export function pcapngBlock(type: number, body: Uint8Array | readonly number[], little = true): Uint8Array {
  const padded = Buffer.concat([Uint8Array.from(body), new Uint8Array((4 - (body.length % 4)) % 4)])
  const length = word(padded.length + 12, little)
  return Buffer.concat([Uint8Array.from([...word(type, little), ...length]), padded, Uint8Array.from(length)])
}

/** An option of a pcapng block. */
export function pcapngOption(code: number, value: readonly number[], little = true): number[] {
  return [
    ...half(code, little),
    ...half(value.length, little),
    ...value,
    ...new Array<number>((4 - (value.length % 4)) % 4).fill(0),
  ]
}

/** A pcapng section with one interface; `ticks` turns microseconds into the interface's ticks. */
export function pcapngBytes(
  packets: readonly MadePacket[],
  form: CaptureForm & { readonly options?: readonly number[]; readonly ticks?: (time: number) => bigint } = {},
): Uint8Array {
  const { little = true, link = 1, options = [], ticks = time => BigInt(time) } = form
  const w = (value: number) => word(value, little)
  const section = pcapngBlock(
    0x0a0d0d0a,
    [...w(0x1a2b3c4d), ...half(1, little), ...half(0), ...w(0xffffffff), ...w(0xffffffff)],
    little,
  )
  const description = pcapngBlock(1, [...half(link, little), 0, 0, ...w(0), ...options, 0, 0, 0, 0], little)
  return Buffer.concat([
    section,
    description,
    ...packets.map(({ time, bytes, wire = bytes.length }) => {
      const tick = ticks(time)
      return pcapngBlock(
        6,
        [...w(0), ...w(Number(tick >> 32n)), ...w(Number(tick & 0xffffffffn)), ...w(bytes.length), ...w(wire), ...bytes],
        little,
      )
    }),
  ])
}

const addressBytes = (address: string): number[] => {
  if (!address.includes(':')) return address.split('.').map(Number)
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map(group => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = address.includes('::') ? groups(tail) : []
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right].flatMap(group => half(group))
}

/** Ethernet around an IP packet. */
export function ethernet(ip: Uint8Array, tags: readonly number[] = []): Uint8Array {
  const type = (ip[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800
  return Buffer.concat([Uint8Array.from([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...tags, ...half(type)]), ip])
}

/** An IP packet around a transport segment; `length` overrides what its header says. */
export function ip(
  source: string,
  target: string,
  protocol: number,
  payload: Uint8Array,
  more: { readonly ttl?: number; readonly fragment?: number; readonly id?: number; readonly length?: number } = {},
): Uint8Array {
  const { ttl = 64, fragment = 0, id = 1 } = more
  if (source.includes(':')) {
    const length = more.length ?? payload.length
    return Buffer.concat([
      Uint8Array.from([0x60, 0, 0, 0, ...half(length), protocol, ttl, ...addressBytes(source), ...addressBytes(target)]),
      payload,
    ])
  }
  const length = more.length ?? payload.length + 20
  const header = [0x45, 0, ...half(length), ...half(id), ...half(fragment), ttl, protocol, 0, 0]
  return Buffer.concat([Uint8Array.from([...header, ...addressBytes(source), ...addressBytes(target)]), payload])
}

/** A TCP segment; flags as letters of "SAFRP". */
export function tcp(
  sourcePort: number,
  targetPort: number,
  flags: string,
  sequence: number,
  acknowledged: number,
  payload: Uint8Array | string = '',
): Uint8Array {
  const bits = [...flags].reduce((sum, letter) => sum + ({ F: 1, S: 2, R: 4, P: 8, A: 16 }[letter] ?? 0), 0)
  const data = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  const header = [...half(sourcePort), ...half(targetPort), ...word(sequence, false), ...word(acknowledged, false), 0x50, bits]
  return Buffer.concat([Uint8Array.from([...header, 0xff, 0xff, 0, 0, 0, 0]), data])
}

export function udp(sourcePort: number, targetPort: number, payload: Uint8Array | string): Uint8Array {
  const data = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  return Buffer.concat([Uint8Array.from([...half(sourcePort), ...half(targetPort), ...half(data.length + 8), 0, 0]), data])
}

export function icmp(type: number, code: number, payload: Uint8Array | string, id = 7, sequence = 1): Uint8Array {
  const data = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  return Buffer.concat([Uint8Array.from([type, code, 0, 0, ...half(id), ...half(sequence)]), data])
}

/** Both ends of a made conversation. */
export interface MadeEnds {
  readonly client?: string
  readonly clientPort?: number
  readonly server?: string
  readonly serverPort?: number
}

/**
 * A TCP conversation over Ethernet: handshake, then what is said in turn ("> …" by the client, "< …" by the server, or bytes), then
 * an orderly end. A packet every millisecond.
 */
export function conversation(
  said: readonly (readonly [from: '>' | '<', data: string | Uint8Array])[],
  ends: MadeEnds = {},
  start = CAPTURE_START,
): MadePacket[] {
  const { client = '10.0.0.5', clientPort = 50_112, server = '192.0.2.7', serverPort = 80 } = ends
  const packets: MadePacket[] = []
  const next = { '>': 1001, '<': 2001 }
  const send = (from: '>' | '<', flags: string, data: string | Uint8Array = '', sequence = next[from]): void => {
    const acknowledged = flags.includes('A') ? next[from === '>' ? '<' : '>'] : 0
    const segment =
      from === '>'
        ? tcp(clientPort, serverPort, flags, sequence, acknowledged, data)
        : tcp(serverPort, clientPort, flags, sequence, acknowledged, data)
    const packet = from === '>' ? ip(client, server, 6, segment) : ip(server, client, 6, segment, { ttl: 57 })
    packets.push({ time: start + packets.length * 1000, bytes: ethernet(packet) })
    next[from] += data.length
  }
  send('>', 'S', '', 1000)
  send('<', 'SA', '', 2000)
  send('>', 'A')
  for (const [from, data] of said)
    for (let at = 0; at < Math.max(1, data.length); at += 1400) send(from, 'PA', data.slice(at, at + 1400))
  send('>', 'FA')
  next['>']++
  send('<', 'FA')
  next['<']++
  send('>', 'A')
  return packets
}
