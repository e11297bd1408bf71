import { canonicalAddress, type EventFields, isAddress, microsFromIso, originalFields, type Reader } from '../../model/index.ts'
import { csvCells } from '../carriers/csv-line.ts'
import { lineReader } from '../carriers/line-format.ts'

/** Logs below \Exchange Server\V15\Logging\: a head of "#" lines, then comma separated values by the names of "#Fields:". */
export const reader: Reader = lineReader({
  format: 'exchange-log',
  title: 'Exchange log (HttpProxy, ECP, EWS, OWA)',
  version: 1,
  hasHead: true,
  headerPrefix: '#Fields:',
  about: {
    reads:
      'Logs of Exchange 2013 to 2019 below `Logging\\`: HttpProxy of each protocol, ECP server and activity, EWS, OAB download, RPC client access.',
    exported:
      'Copy `C:\\Program Files\\Microsoft\\Exchange Server\\V15\\Logging\\` (HttpProxy, ECP, Ews, OABGeneratorLog, CmdletInfra).',
    shows:
      'Requests to the front end with client, account, mailbox and the target behind it, which is where ProxyLogon and ProxyShell show; cmdlets that ECP ran (`Set-OabVirtualDirectory`).',
    cannotShow: 'Bodies of requests; most logs are kept for 30 days.',
    clock: 'Host in most (`ServerHostName`); times are UTC.',
    builtFrom: 'documentation',
    checkedOn: 'lines made after published excerpts of such logs.',
  },
  recognise: ({ lines, encoding }) => {
    if (encoding === undefined) return 0
    const head = lines.slice(0, 8).join('\n')
    if (/^#Software: Microsoft Exchange Server/m.test(head)) return 97
    return /^(?:#Fields: )?(?:DateTime|TimeStamp),(?:RequestId|ServerVersion|SequenceNumber)?.*\b(?:UrlStem|AuthenticatedUser|ActivityContext|GenericInfo)\b/m.test(
      head,
    )
      ? 90
      : 0
  },
  open: ({ part }) => {
    let names = namesOf(part.headerLines.at(-1) ?? '')
    return text => {
      if (text.startsWith('#')) {
        if (/^#Fields:/i.test(text)) names = namesOf(text)
        return 'passed over'
      }
      if (/^(?:DateTime|TimeStamp),/i.test(text)) {
        names = namesOf(text)
        return 'passed over'
      }
      const cells = csvCells(text)
      if (names.length === 0 || cells.length < 3) return undefined
      const row: Record<string, string> = Object.create(null)
      for (const [index, name] of names.entries()) row[name] = cells[index] ?? ''
      const of = (...wanted: readonly string[]) =>
        wanted.map(name => row[name.toLowerCase()] ?? '').find(value => value !== '' && value !== '-') ?? ''
      const stamp = of('DateTime', 'TimeStamp', 'date-time', 'Time')
      const time = microsFromIso(stamp.endsWith('Z') || stamp === '' ? stamp : `${stamp}Z`)
      return {
        time,
        host: of('ServerHostName', 'server-hostname'),
        code: of('Protocol', 'EventId'),
        fields: meaningOf(of, text),
        original: originalFields(row, text),
      }
    }
  },
})

const namesOf = (line: string) =>
  line
    .replace(/^#Fields:\s*/i, '')
    .split(',')
    .map(name => name.trim().toLowerCase())
    .filter((name, index, all) => name !== '' || index < all.length)

function meaningOf(of: (...names: readonly string[]) => string, text: string): EventFields {
  const client = of('ClientIpAddress', 'ClientIP', 'client-ip')
  const srcIp = isAddress(client) ? canonicalAddress(client) : ''
  const stem = of('UrlStem', 'Path')
  // ECP's server log tells the cmdlet a page ran; CVE-2021-27065 is Set-OabVirtualDirectory with a script in it.
  const cmdlet =
    /\b(?:CMD|Cmdlet)=((?:Set|New|Add|Remove|Export|Import)-\w+[^;,]*)/.exec(text)?.[1] ??
    (/^(?:Set|New|Add|Remove|Export|Import)-\w+$/.test(of('Cmdlet')) ? of('Cmdlet') : undefined)
  if (cmdlet !== undefined)
    return {
      kind: 'device_config',
      action: 'command',
      user: of('AuthenticatedUser', 'User', 'ProcessName'),
      srcIp,
      object: 'exchange',
      command: cmdlet.slice(0, 4096),
    }
  if (stem === '') return { kind: 'other_activity', message: text.slice(0, 2048), srcIp, user: of('AuthenticatedUser') }
  return {
    kind: 'http_activity',
    clientIp: srcIp || client,
    method: of('Method'),
    path: stem,
    query: of('UrlQuery').replace(/^\?/, ''),
    status: Number(of('HttpStatus')) || undefined,
    userAgent: of('UserAgent'),
    user: of('AuthenticatedUser'),
    virtualHost: of('UrlHost'),
    forwardedFor: of('AnchorMailbox', 'TargetServer').includes('~') ? of('AnchorMailbox') : '',
  }
}
