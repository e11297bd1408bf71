import { canonicalAddress, type EventFields, isAddress } from '../../model/index.ts'
import { requestLineOf } from '../meanings/web.ts'

/** Words of a line of Elastic Load Balancing: blanks apart, quotes around what may hold blanks. */
export function balancerWords(line: string): readonly string[] {
  return Array.from(line.slice(0, 32_768).matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare ?? '')
}

const addressOf = (text: string) => {
  const bare = text.replace(/^\[?(.*?)\]?:\d{1,5}$/, '$1')
  return isAddress(bare) ? canonicalAddress(bare) : ''
}
const portOf = (text: string) => Number(/:(\d{1,5})$/.exec(text)?.[1] ?? '') || undefined
const numberOf = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

/** One entry of a load balancer. */
export interface BalancerEntry {
  readonly time: string
  readonly balancer: string
  readonly fields: EventFields<'http_activity'> | EventFields<'network_activity'>
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?$/

/** A request by scheme, host and path, as balancers write the whole URL into the request line. */
export function urlParts(
  request: string,
): Pick<EventFields<'http_activity'>, 'method' | 'path' | 'query' | 'virtualHost' | 'serverPort'> {
  const [, method = '', url = ''] = /^(\S{1,32}) (.*?)(?: -?(?:HTTP\/[\d.]+)? ?)?$/s.exec(request) ?? []
  const parts = /^[a-z][a-z0-9+.-]{1,10}:\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d{1,5}))?([^#]*)/i.exec(url)
  const { path, query } = requestLineOf(`GET ${parts ? parts[3] || '/' : url} HTTP/1.1`)
  return {
    method: method === '-' ? '' : method,
    path,
    query,
    virtualHost: parts?.[1] ?? '',
    serverPort: numberOf(parts?.[2] ?? ''),
  }
}

/** docs.aws.amazon.com/elasticloadbalancing: access logs of application, classic and network load balancers. */
export function parseBalancerLine(line: string): BalancerEntry | undefined {
  // Asked of every line of every file: most are told by their first letters.
  if (!/^(?:(?:https?|h2|grpcs|wss?) )?\d{4}-\d\d-\d\dT|^tls \d/.test(line)) return undefined
  const words = balancerWords(line)
  const [first = '', second = '', third = ''] = words
  if (/^(?:https?|h2|grpcs|wss?)$/.test(first) && TIME.test(second)) return application(words.slice(1))
  if (TIME.test(first) && words.length >= 12) return application(words)
  if (first === 'tls' && TIME.test(third)) return network(words)
  return undefined
}

/** Application balancers without the type word, and classic ones: the same first twelve words. */
function application(words: readonly string[]): BalancerEntry | undefined {
  const [
    time = '',
    balancer = '',
    client = '',
    target = '',
    ,
    ,
    ,
    status = '',
    targetStatus = '',
    received = '',
    sent = '',
    request = '',
    agent = '',
  ] = words
  if (addressOf(client) === '' || !/^(?:\d{3}|-)$/.test(status)) return undefined
  const durations = words.slice(4, 7).map(Number)
  const parts = urlParts(request)
  return {
    time,
    balancer,
    fields: {
      kind: 'http_activity',
      clientIp: addressOf(client),
      ...parts,
      status: numberOf(status) ?? numberOf(targetStatus),
      bytes: numberOf(sent),
      requestBytes: numberOf(received),
      userAgent: agent === '-' ? '' : agent,
      serverIp: addressOf(target),
      duration: durations.every(one => one >= 0)
        ? Math.round(durations.reduce((sum, one) => sum + one, 0) * 1_000_000)
        : undefined,
    },
  }
}

function network(words: readonly string[]): BalancerEntry | undefined {
  const [, , time = '', balancer = '', , client = '', target = '', duration = '', , received = '', sent = ''] = words
  if (addressOf(client) === '') return undefined
  return {
    time: time.endsWith('Z') ? time : `${time}Z`,
    balancer,
    fields: {
      kind: 'network_activity',
      action: 'flow',
      protocol: 'tcp',
      srcIp: addressOf(client),
      srcPort: portOf(client),
      dstIp: addressOf(target),
      dstPort: portOf(target),
      bytesOut: numberOf(received),
      bytesIn: numberOf(sent),
      duration: (numberOf(duration) ?? 0) * 1000,
      service: 'tls',
      initiatorKnown: true,
    },
  }
}
