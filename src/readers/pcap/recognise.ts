import { latin1, u8, u16 } from './bytes.ts'
import { Dnp3, isDnp3 } from './dnp3.ts'
import { dnsMessage } from './dns.ts'
import { DNS_PORTS, DnsOverTcp } from './dns-talk.ts'
import type { Flow } from './flow.ts'
import { Http, isHttpAnswer, isHttpRequest } from './http.ts'
import { isModbus, MODBUS_PORT, Modbus } from './modbus.ts'
import { isSocksGreeting, Socks } from './socks.ts'
import { Ssh } from './ssh.ts'
import type { Dissector, From, Recogniser, TalkSink } from './talk.ts'
import { Tls } from './tls-talk.ts'

/** Fewer bytes than this tell nothing apart from SOCKS, whose greeting has three. */
const ENOUGH = 8

const other = (from: From): From => (from === 0 ? 1 : 0)

/** Finds the protocol of a connection by what is said first, not by its port: relays and implants choose theirs. */
export function recogniserFor(sink: TalkSink): Recogniser {
  return (from, queue, flow) => {
    const { bytes } = queue
    const start = latin1(bytes, 0, Math.min(bytes.length, 2_048))
    // Both sides of SSH speak first; the side that opened the connection is the client.
    if ('SSH-'.startsWith(start.slice(0, 4))) return bytes.length < 4 ? 'more' : new Ssh(flow.isTurned ? 1 : 0)
    if (isSocksGreeting(bytes)) return new Socks(from, u8(bytes, 0) === 4 ? 4 : 5)
    if (isDnp3(bytes)) return new Dnp3(flow, sink)
    const tls = tlsOf(from, bytes)
    if (tls !== undefined) return tls
    if (isHttpRequest(start)) return new Http(from)
    if (isHttpAnswer(start)) return new Http(other(from))
    const hasPort = (port: number): boolean => flow.aPort === port || flow.bPort === port
    if (hasPort(MODBUS_PORT) && isModbus(bytes)) return new Modbus(clientOfPort(flow, MODBUS_PORT), flow, sink)
    if ([...DNS_PORTS].some(hasPort)) return dnsOf(bytes, flow, sink)
    return bytes.length < ENOUGH ? 'more' : undefined
  }
}

/** The side that does not hold the service's port. */
function clientOfPort(flow: Flow, port: number): From {
  return flow.bPort === port ? 0 : 1
}

function tlsOf(from: From, bytes: Uint8Array): Dissector | undefined {
  if (bytes.length < 6 || u8(bytes, 0) !== 22 || u8(bytes, 1) !== 3 || u8(bytes, 2) > 4) return undefined
  const message = u8(bytes, 5)
  return message === 1 ? new Tls(from) : message === 2 ? new Tls(other(from)) : undefined
}

function dnsOf(bytes: Uint8Array, flow: Flow, sink: TalkSink): Dissector | 'more' | undefined {
  if (bytes.length < 14) return 'more'
  const length = u16(bytes, 0)
  if (length < 12) return undefined
  if (bytes.length < 2 + length) return 'more'
  return dnsMessage(bytes, 2, 2 + length) === undefined ? undefined : new DnsOverTcp(flow, sink)
}
