import { canonicalAddress, contentHash, isAddress, micros, originalFields, type Reader } from '../../model/index.ts'
import { civilMicros } from '../carriers/civil-time.ts'
import { zoneOf } from '../carriers/clock.ts'
import { lineReader, scoreOfLines } from '../carriers/line-format.ts'
import { PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { rotationStem } from '../carriers/rotation.ts'
import { sourceZone } from '../carriers/source-zone.ts'

const UTC = zoneOf(undefined)
const SHOWS = 'Which machine (hardware address, name) had which address when: what an address in another log was at that time.'

/** learn.microsoft.com: "Analyze DHCP server log files": ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name,… */
const WINDOWS =
  /^(\d{2,5}),(\d\d)\/(\d\d)\/(\d\d|\d{4}),(\d\d):(\d\d):(\d\d),([^,]{0,80}),([^,]{0,45}),([^,]{0,255}),([0-9A-Fa-f:-]{0,64}),/
const GIVEN = new Set(['10', '11', '20', '21', '11000', '11001'])

const windows = lineReader({
  format: 'dhcp-windows',
  title: 'DHCP audit log of Windows',
  version: 1,
  hasHead: true,
  product: 'dhcp',
  about: {
    reads: 'DhcpSrvLog and DhcpV6SrvLog of the DHCP service of Windows Server.',
    exported: 'Copy `C:\\Windows\\System32\\dhcp\\DhcpSrvLog-*.log`; one file a day of the week, each written over after a week.',
    shows: SHOWS,
    cannotShow: 'Machines with a fixed address.',
    clock: 'Host never: give it. Local time of the server without zone, day and month in American order.',
    builtFrom: 'documentation',
    checkedOn: "lines made after Microsoft's documentation.",
    page: 'dhcp-log',
  },
  recognise: sample =>
    sample.lines.some(line => /Microsoft DHCP(?:v6)? Service Activity Log/i.test(line))
      ? 97
      : scoreOfLines(sample, line => WINDOWS.test(line), 94),
  open:
    ({ zone }) =>
    text => {
      const match = WINDOWS.exec(text)
      // The head explains the codes in words.
      if (!match)
        return /^(?:\s|ID,|[A-Z0-9][\w .,+-]*(?:$|\s|\t))/.test(text) && !/^\d{2},\d/.test(text) ? 'passed over' : undefined
      const [
        ,
        id = '',
        month = '',
        day = '',
        year = '',
        hour = '',
        minute = '',
        second = '',
        description = '',
        address = '',
        name = '',
        mac = '',
      ] = match
      const time = civilMicros({ year: year.length === 2 ? `20${year}` : year, month, day, hour, minute, second }, zone)
      const assignedIp = isAddress(address) ? canonicalAddress(address) : ''
      if (!GIVEN.has(id))
        return {
          time,
          code: id,
          fields: { kind: 'other_activity', message: `dhcp: ${description} ${address} ${name}`.trim(), srcIp: assignedIp },
        }
      return {
        time,
        code: id,
        fields: { kind: 'dhcp_activity', mac: plainMac(mac), assignedIp, clientName: name.replace(/\.$/, '') },
      }
    },
})

const plainMac = (mac: string) =>
  (
    mac
      .replace(/[^0-9A-Fa-f]/g, '')
      .toLowerCase()
      .match(/../g) ?? []
  ).join(':')

/** dhcpd.leases(5): blocks, times in UTC as "WEEKDAY YYYY/MM/DD HH:MM:SS" or "epoch SECONDS". */
const isc: Reader = {
  format: 'dhcp-isc',
  title: 'leases of the ISC DHCP server',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'dhcpd.leases of the ISC DHCP server: every lease that is still in the file.',
    exported: 'Copy `/var/lib/dhcp/dhcpd.leases*`; on pfSense and OPNsense `/var/dhcpd/var/db/dhcpd.leases`.',
    shows: SHOWS,
    cannotShow: 'Leases that were cleaned out of the file; machines with a fixed address.',
    clock: 'Host never: give it. Times are UTC.',
    builtFrom: 'recorded',
    checkedOn:
      'the leases of an ISC DHCP server 4.4 of Debian that gave two; ends of leases and abandoned ones on lines made after dhcpd.leases(5).',
    page: 'dhcp-log',
  },
  recognise: ({ encoding, lines }) =>
    encoding !== undefined &&
    lines.some(line => /^lease [0-9a-fA-F.:]+ \{/.test(line)) &&
    lines.some(line => /^\s+(?:starts|ends|binding state)\b/.test(line))
      ? 97
      : 0,
  read(part, sink) {
    const diagnostics = new PartDiagnostics(part, sink)
    sourceZone(part, diagnostics)
    const host = part.facts.host?.toLowerCase() ?? ''
    const series = `dhcp-isc|${host}|${rotationStem(part.path)}`
    let open: { address: string; number: number; offset: number; fields: Record<string, string> } | undefined
    for (const line of part.lines()) {
      const begin = /^lease ([0-9a-fA-F.:]{2,45}) \{/.exec(line.text)
      if (begin) open = { address: begin[1] ?? '', number: line.number, offset: line.offset, fields: Object.create(null) }
      const member = /^\s+(starts|ends|hardware ethernet|client-hostname|binding state|uid) (.*?);\s*$/.exec(line.text)
      if (member && open) open.fields[member[1] ?? ''] ??= (member[2] ?? '').replace(/^"(.*)"$/, '$1')
      if (!/^\}/.test(line.text) || !open) continue
      const { address, number, offset, fields } = open
      const [starts, ends] = [timeOf(fields['starts'] ?? ''), timeOf(fields['ends'] ?? '')]
      if (starts === undefined)
        diagnostics.once(
          { number, offset },
          { code: 'dhcp-isc/bad-time', level: 'note', message: 'a lease names no beginning; it is kept without a time' },
        )
      sink.event({
        kind: 'dhcp_activity',
        mac: plainMac(fields['hardware ethernet'] ?? ''),
        assignedIp: isAddress(address) ? canonicalAddress(address) : '',
        clientName: fields['client-hostname'] ?? '',
        leaseSeconds:
          starts !== undefined && ends !== undefined && ends > starts ? Math.round((ends - starts) / 1_000_000) : undefined,
        source: { evidence: part.evidence, record: number, offset },
        time: starts,
        host,
        series,
        identity: contentHash(`${address}|${JSON.stringify(fields)}`),
        product: 'dhcp',
        code: fields['binding state'] ?? '',
        original: originalFields({ lease: address, ...fields }),
      })
      open = undefined
    }
    if (open)
      diagnostics.each(open, {
        code: 'dhcp-isc/unfinished-lease',
        level: 'warning',
        message: `the lease of ${open.address} has no end and was left out`,
      })
    diagnostics.finish()
  },
}

function timeOf(text: string) {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] =
    /^\d (\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text) ?? []
  if (year !== '') return civilMicros({ year, month, day, hour, minute, second }, UTC)
  const epoch = /^epoch (\d{9,11})/.exec(text)?.[1]
  return epoch === undefined ? undefined : micros(Number(epoch) * 1_000_000)
}

/** Who had which address. */
export const readers: readonly Reader[] = [windows, isc]
