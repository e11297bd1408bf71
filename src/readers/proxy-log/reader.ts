import { canonicalAddress, type EventFields, isAddress, micros, type Reader } from '../../model/index.ts'
import { clfClock } from '../carriers/clock.ts'
import { type LineOutcome, lineReader, scoreOfDatedLines } from '../carriers/line-format.ts'
import { parseSyslogLine } from '../carriers/syslog-envelope.ts'
import { requestLineOf, webOriginal } from '../meanings/web.ts'

/** docs.haproxy.org/2.6/configuration.html, section 8.2.3 (HTTP) and 8.2.2 (TCP); the head is syslog's, or none. */
const HAPROXY_HTTP =
  /(?:^|: |^<\d+>.*?: )((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]{2,45}|unix):(\d{1,5}) \[(\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] (\S{1,200}) (\S{1,200})\/(\S{1,200}) (-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/(\+?-?\d+) (-?\d{1,3}) (\+?\d+) (\S+) (\S+) (\S{2,4}) [\d/+]+ [\d/]+ ((?:\{[^}]*\} ?)*)"(.*)"?$/
const HAPROXY_TCP =
  /(?:^|: )((?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F:]{2,45}):(\d{1,5}) \[(\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] (\S{1,200}) (\S{1,200})\/(\S{1,200}) (-?\d+)\/(-?\d+)\/(\+?-?\d+) (\+?\d+) (\S{2}) [\d/+]+ [\d/]+$/

const haproxy = lineReader({
  format: 'haproxy',
  title: 'HAProxy log',
  version: 1,
  about: {
    reads: 'HAProxy with `option httplog` and `option tcplog`, with captured headers, behind a syslog header or without.',
    exported: 'Copy the file that rsyslog writes for it, mostly `/var/log/haproxy.log*`.',
    shows:
      'Requests with the true client, the frontend, backend and server that answered, status and bytes; connections of TCP frontends.',
    cannotShow: 'Bodies of requests; headers that are not captured (user agent and referrer are not by default).',
    clock: "Host in syslog's header; zone never: give it; year always.",
    builtFrom: 'recorded',
    checkedOn: 'the log of a HAProxy 2.6 of Debian in front of an nginx, both modes.',
  },
  recognise: sample =>
    scoreOfDatedLines(
      sample,
      line => HAPROXY_HTTP.test(line.slice(0, 4096)) || HAPROXY_TCP.test(line.slice(0, 2048)) || / haproxy\[\d+\]: /.test(line),
      94,
    ),
  open: ({ zone }) => {
    const clock = clfClock(zone)
    return text => haproxyRecord(text, clock)
  },
})

function haproxyRecord(text: string, clock: ReturnType<typeof clfClock>): LineOutcome {
  const line = text.slice(0, 16_384)
  const header = parseSyslogLine(line)
  const host = header?.host ?? ''
  const http = HAPROXY_HTTP.exec(line)
  if (http) {
    const [
      ,
      client = '',
      ,
      time = '',
      frontend = '',
      backend = '',
      server = '',
      ,
      ,
      ,
      ,
      total = '',
      status = '',
      bytes = '',
      ,
      ,
      ,
      captures = '',
      rest = '',
    ] = http
    const { method, path, query } = requestLineOf(rest.replace(/"$/, '').replace(/^<BADREQ>$/, ''))
    const captured = [...captures.matchAll(/\{([^}]*)\}/g)].flatMap(one => (one[1] ?? '').split('|'))
    const fields: EventFields<'http_activity'> = {
      kind: 'http_activity',
      clientIp: isAddress(client) ? canonicalAddress(client) : client,
      method,
      path,
      query,
      status: Number(status) > 0 ? Number(status) : undefined,
      bytes: Number(bytes.replace('+', '')),
      // Which header was captured the log does not say; a user agent has a form of its own.
      userAgent: captured.find(value => /^(?:Mozilla\/|[\w.-]+\/\d)/.test(value)) ?? '',
      virtualHost: captured.find(value => /^[\w-]+(?:\.[\w-]+)+(?::\d+)?$/.test(value) && !/\/\d/.test(value)) ?? '',
      duration: Number(total.replace('+', '')) >= 0 ? Number(total.replace('+', '')) * 1000 : undefined,
    }
    return {
      time: clock(time),
      host,
      fields,
      code: `${frontend} ${backend}/${server}`.slice(0, 200),
      original: webOriginal(text, fields),
    }
  }
  const tcp = HAPROXY_TCP.exec(line)
  if (tcp) {
    const [
      ,
      client = '',
      port = '',
      time = '',
      frontend = '',
      backend = '',
      server = '',
      ,
      ,
      total = '',
      bytes = '',
      state = '',
    ] = tcp
    return {
      time: clock(time),
      host,
      fields: {
        kind: 'network_activity',
        action: 'flow',
        protocol: 'tcp',
        srcIp: canonicalAddress(client),
        srcPort: Number(port),
        dstHost: server === '<NOSRV>' ? '' : server,
        bytesIn: Number(bytes.replace('+', '')),
        duration: Number(total.replace('+', '')) * 1000,
        state,
        service: `${frontend} ${backend}`,
        initiatorKnown: true,
      },
    }
  }
  // The program's own messages ("Proxy web started.", "Server … is DOWN").
  if (header && /^haproxy/.test(header.program)) {
    const { stamp } = header
    const time = stamp.year === undefined ? undefined : clock(`${stamp.day}/${stamp.month}/${stamp.year}`)
    return { time, host, fields: { kind: 'other_activity', message: header.message.slice(0, 4096), image: 'haproxy' } }
  }
  return undefined
}

/** wiki.squid-cache.org/Features/LogFormat, "squid" (native). */
const SQUID =
  /^(\d{9,11}\.\d{3}) +(-?\d{1,10}) (\S{1,60}) ([A-Z_]{2,60})\/(\d{3}|-) (\d{1,15}) ([A-Za-z_-]{1,40}) (\S{1,8192}) (\S{1,200}) ([A-Z_]{2,60})\/(\S{1,200})(?: (\S{1,200}))?/

const squid = lineReader({
  format: 'squid',
  title: 'Squid access log',
  version: 1,
  about: {
    reads: "Squid's own access.log; its combined form is read as [access-log](access-log.md).",
    exported: 'Copy `/var/log/squid/access.log*`.',
    shows:
      'Which inside machine asked for what outside, with account, status, bytes, and which server answered; tunnels (CONNECT) by name and port.',
    cannotShow: 'What went through a tunnel; user agents and referrers.',
    clock: 'Host never: give it. Times are UTC to the millisecond, at the end of the request.',
    builtFrom: 'recorded',
    checkedOn: 'the log of a Squid 5.7 of Debian: pages, a tunnel, a refused connection.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => SQUID.test(line), 96),
  open: () => text => {
    const match = SQUID.exec(text)
    if (!match) return undefined
    const [
      ,
      seconds = '',
      elapsed = '',
      client = '',
      code = '',
      status = '',
      bytes = '',
      method = '',
      url = '',
      user = '',
      ,
      peer = '',
      type = '',
    ] = match
    const time = micros(Math.round(Number(seconds) * 1_000_000))
    const duration = Math.max(0, Number(elapsed)) * 1000
    const srcIp = isAddress(client) ? canonicalAddress(client) : client
    const account = user === '-' ? '' : user
    if (method === 'CONNECT') {
      const [, target = '', port = ''] = /^(.*?):(\d{1,5})$/.exec(url) ?? ['', url, '']
      return {
        time,
        code,
        fields: {
          kind: 'tunnel_activity',
          action: Number(status) < 400 ? 'seen' : 'failure',
          protocol: 'http-connect',
          user: account,
          srcIp,
          dstIp: isAddress(peer) ? canonicalAddress(peer) : '',
          target,
          targetPort: port === '' ? undefined : Number(port),
          bytesIn: Number(bytes),
          duration,
        },
      }
    }
    const parts = /^[a-z][a-z0-9+.-]{1,10}:\/\/([^/?#]*)([^#]*)/i.exec(url)
    const { path, query } = requestLineOf(`GET ${parts ? parts[2] || '/' : url} HTTP/1.1`)
    const fields: EventFields<'http_activity'> = {
      kind: 'http_activity',
      clientIp: srcIp,
      method,
      path,
      query,
      status: Number(status) || undefined,
      bytes: Number(bytes),
      user: account,
      virtualHost: parts?.[1] ?? '',
      serverIp: isAddress(peer) ? canonicalAddress(peer) : '',
      duration,
      mimeType: type === '-' ? '' : type,
    }
    return { time, code, fields, original: webOriginal(text, fields) }
  },
})

/** Logs of proxies. */
export const readers: readonly Reader[] = [haproxy, squid]
