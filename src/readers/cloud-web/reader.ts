import { canonicalAddress, type EventFields, isAddress, microsFromIso, originalFields, type Reader } from '../../model/index.ts'
import { type JsonFields, jsonFieldsOf, nestedFields, ownField, plainText } from '../carriers/json-value.ts'
import { lineReader, scoreOfDatedLines } from '../carriers/line-format.ts'
import { webOriginal } from '../meanings/web.ts'
import { parseBalancerLine, urlParts } from './parse.ts'

const balancer = lineReader({
  format: 'aws-elb',
  title: 'AWS load balancer access log (ALB, ELB, NLB)',
  version: 1,
  about: {
    reads: 'Access logs of application, classic and network load balancers of AWS.',
    exported:
      'Copy the objects below `AWSLogs/ACCOUNT/elasticloadbalancing/` of the bucket: `aws s3 sync s3://BUCKET/AWSLogs .`.',
    shows: 'Requests with the true client, the target that answered, status and bytes; TLS connections of network balancers.',
    cannotShow: 'Bodies of requests, referrers.',
    clock: 'Host is the balancer; times are UTC, at the end of the request.',
    builtFrom: 'real sample',
    checkedOn:
      'lines of the plaso project: application and network balancers; the classic one on lines made after the documentation.',
  },
  recognise: sample => scoreOfDatedLines(sample, line => parseBalancerLine(line) !== undefined, 95),
  open: () => text => {
    const entry = parseBalancerLine(text)
    if (!entry) return undefined
    const { time, balancer: host, fields } = entry
    const original = fields.kind === 'http_activity' ? { original: webOriginal(text, fields) } : {}
    return { time: microsFromIso(time.endsWith('Z') ? time : `${time}Z`), host, fields, ...original }
  },
})

/** docs.aws.amazon.com/AmazonCloudFront: standard logs, tab separated under "#Fields:". */
const cloudfront = lineReader({
  format: 'cloudfront',
  title: 'AWS CloudFront access log',
  version: 1,
  hasHead: true,
  headerPrefix: '#Fields:',
  about: {
    reads: 'Standard logs of CloudFront, by the names of their `#Fields:` line.',
    exported: 'Copy the objects of the log bucket: `aws s3 sync s3://BUCKET/PREFIX .`.',
    shows: 'Requests with the true client, edge place, status and bytes, referrer and user agent.',
    cannotShow: 'Bodies of requests; what was answered from the cache never reached the origin.',
    clock: 'Host never: give the distribution. Times are UTC, whole seconds.',
    builtFrom: 'documentation',
    checkedOn: "lines made after AWS's documentation.",
  },
  recognise: ({ lines, encoding }) =>
    encoding !== undefined && lines.some(line => /^#Fields:.*\bx-edge-location\b/.test(line)) ? 97 : 0,
  open: ({ part }) => {
    let names = fieldNames(part.headerLines.at(-1) ?? '')
    return text => {
      if (text.startsWith('#')) {
        if (text.startsWith('#Fields:')) names = fieldNames(text)
        return 'passed over'
      }
      const cells = text.split('\t')
      if (names.length === 0 || Math.abs(cells.length - names.length) > 2) return undefined
      const of = (name: string) => {
        const value = cells[names.indexOf(name)] ?? ''
        return value === '-' ? '' : value
      }
      // The user agent and the query are percent-encoded, the former twice.
      const fields: EventFields<'http_activity'> = {
        kind: 'http_activity',
        clientIp: isAddress(of('c-ip')) ? canonicalAddress(of('c-ip')) : '',
        method: of('cs-method'),
        path: of('cs-uri-stem'),
        query: of('cs-uri-query'),
        status: Number(of('sc-status')) || undefined,
        bytes: Number(of('sc-bytes')) || 0,
        requestBytes: Number(of('cs-bytes')) || undefined,
        referrer: decoded(of('cs(Referer)')),
        userAgent: decoded(of('cs(User-Agent)')),
        virtualHost: of('x-host-header') || of('cs(Host)'),
        forwardedFor: of('x-forwarded-for'),
        duration: of('time-taken') === '' ? undefined : Math.round(Number(of('time-taken')) * 1_000_000),
      }
      return {
        time: microsFromIso(`${of('date')}T${of('time')}Z`),
        fields,
        code: of('x-edge-result-type'),
        original: webOriginal(text, fields),
      }
    }
  },
})

const fieldNames = (line: string) =>
  line
    .replace(/^#Fields:\s*/, '')
    .trim()
    .split(/\s+/)
    .filter(Boolean)

function decoded(text: string): string {
  return text.replace(/%(?:25)?([0-9a-fA-F]{2})/g, (all, hex: string) => {
    const code = Number.parseInt(hex, 16)
    return code >= 32 && code < 127 ? String.fromCharCode(code) : all
  })
}

/** learn.microsoft.com/azure/frontdoor/monitor-front-door: FrontDoorAccessLog, and FrontdoorAccessLog of the classic one. */
const frontDoor = lineReader({
  format: 'azure-front-door',
  title: 'Azure Front Door access log',
  version: 1,
  about: {
    reads: 'Access and firewall records of Azure Front Door (classic, Standard, Premium), one JSON object a line.',
    exported:
      'Copy the blobs of the storage account of the diagnostic setting (`insights-logs-frontdooraccesslog`), or export from Log Analytics.',
    shows: 'Requests with the true client, path, status and bytes, the rule of the firewall that fired.',
    cannotShow: 'Bodies of requests; what the cache answered never reached the origin.',
    clock: 'Host is the origin name where it is written; times are UTC.',
    builtFrom: 'documentation',
    checkedOn: "records made after Microsoft's documentation.",
  },
  recognise: sample => scoreOfDatedLines(sample, line => frontDoorOf(line) !== undefined, 96),
  open: () => text => {
    const record = frontDoorOf(text)
    if (!record) return undefined
    const { all, properties } = record
    const of = (...names: readonly string[]) =>
      names
        .map(name => plainText(ownField(properties, name)) ?? plainText(ownField(all, name)))
        .find(value => value !== undefined && value !== '') ?? ''
    const client = of('clientIp', 'clientIP', 'socketIp', 'clientIp_s')
    const { path, query, virtualHost, serverPort } = urlParts(`GET ${of('requestUri')}`)
    const original = originalFields(
      Object.fromEntries(
        [...Object.entries(all), ...Object.entries(properties)].flatMap(([name, value]) =>
          plainText(value) === undefined ? [] : [[name, plainText(value) ?? '']],
        ),
      ),
      text,
    )
    const time = microsFromIso(of('time', 'TimeGenerated'))
    if (/WebApplicationFirewall/i.test(of('category')))
      return {
        time,
        code: 'waf',
        original,
        fields: {
          kind: 'detection_finding',
          title: of('ruleName'),
          signature: of('ruleName'),
          category: of('policy'),
          srcIp: canonicalAddress(client),
          verdict: of('action'),
          path,
        },
      }
    return {
      time,
      original,
      code: of('cacheStatus', 'routeName'),
      host: of('hostName', 'hostname'),
      fields: {
        kind: 'http_activity',
        clientIp: isAddress(client) ? canonicalAddress(client) : client,
        method: of('httpMethod'),
        path,
        query,
        status: Number(of('httpStatusCode')) || undefined,
        bytes: Number(of('responseBytes')) || 0,
        requestBytes: Number(of('requestBytes')) || undefined,
        referrer: of('referer', 'referrer'),
        userAgent: of('userAgent'),
        virtualHost,
        serverPort,
        duration: of('timeTaken') === '' ? undefined : Math.round(Number(of('timeTaken')) * 1_000_000),
      },
    }
  },
})

function frontDoorOf(line: string): { readonly all: JsonFields; readonly properties: JsonFields } | undefined {
  if (!/front[ -]?door/i.test(line)) return undefined
  const all = jsonFieldsOf(line)
  if (
    !all ||
    !/^Front[dD]oor(?:AccessLog|WebApplicationFirewallLog|HealthProbeLog)$/.test(
      plainText(ownField(all, 'category') ?? ownField(all, 'Category')) ?? '',
    )
  )
    return undefined
  return { all, properties: nestedFields(all, 'properties') ?? all }
}

/** Access logs of front ends in the cloud. */
export const readers: readonly Reader[] = [balancer, cloudfront, frontDoor]
