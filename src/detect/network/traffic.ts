import { MICROS_PER_HOUR, type SqlDialect } from '../../model/index.ts'

/** Hour of a record as a whole number; `//` would be a comment in one of the engines. */
export const HOUR_OF = `cast(floor("time" / ${MICROS_PER_HOUR}.0) as bigint)`

/** Largest empty TCP packet a sensor counts (Ethernet, IP and TCP header with options): more would be payload. */
const EMPTY_PACKET_BYTES = 74

/**
 * Nobody answered, or only to refuse. Zeek names it in `conn_state`, a firewall in `action`; else the packets say so: in TCP at most two
 * empty ones came back (resets of a repeated SYN, or a handshake nobody used), in other protocols none.
 */
export const UNANSWERED = `(action = 'deny' or state in ('S0', 'REJ', 'RSTOS0', 'RSTRH', 'SH', 'OTH')
  or (action = 'flow' and state not in ('SF', 'S1', 'S2', 'S3', 'RSTO', 'RSTR') and coalesce(bytesIn, 0) = 0 and coalesce(packetsIn, 0) = 0)
  or (protocol = 'tcp' and coalesce(packetsIn, 9) <= 2 and coalesce(bytesIn, 0) <= ${EMPTY_PACKET_BYTES} * packetsIn))`

/** When the connection began: Zeek and Suricata give that as the time of a flow, firewalls write a line when it is over. */
export const BEGUN = `case when product in ('fortigate', 'asa') and action in ('flow', 'close') then "time" - coalesce(duration, 0) else "time" end`

/** Multicast and broadcast addresses: everybody talks to them, nobody is behind them. */
export function isGroupAddress(sql: SqlDialect, column: string): string {
  return `(${sql.matches(column, '^(?:22[4-9]|23[0-9]|255)\\.|\\.255$|^ff[0-9a-f]{2}:')} or ${column} = '')`
}

/**
 * The services a site's own machines call regularly by design: name service, time, DHCP, NetBIOS, SNMP, discovery, syslog, the ports of a
 * Windows domain. Regular or long traffic to them says nothing.
 */
export const HOUSEKEEPING_PORTS =
  '(53, 67, 68, 88, 123, 135, 137, 138, 139, 161, 162, 389, 445, 464, 514, 636, 853, 1900, 3268, 3269, 3702, 5353, 5355, 9389)'

/** Ports people expect to see connections on from a client to a server. */
export const COMMON_PORTS =
  '(20, 21, 22, 23, 25, 53, 80, 88, 110, 123, 135, 139, 143, 161, 179, 389, 443, 445, 465, 514, 587, 631, 636, 853, 873, 989, 990, 993, 995, 1194, 1433, 1521, 1723, 1883, 1935, 2049, 3128, 3268, 3269, 3306, 3389, 3478, 4500, 5060, 5061, 5222, 5223, 5228, 5432, 5671, 5672, 5900, 5985, 5986, 6514, 8080, 8883, 9100, 500)'

/** Ports used to administer another machine: SSH, RPC, SMB, RDP, WinRM. */
export const ADMIN_PORTS = '(22, 135, 445, 3389, 5985, 5986)'

/** Name of an administration port, as an SQL expression. */
export const ADMIN_PORT_NAME = `case dstPort when 22 then 'SSH' when 135 then 'RPC' when 445 then 'SMB' when 3389 then 'RDP' else 'WinRM' end`

/** Technique of work on another machine by the names of `ADMIN_PORT_NAME`; RPC carries several. */
export const ADMIN_TECHNIQUES: Readonly<Record<string, string>> = {
  SMB: 'T1021.002',
  RDP: 'T1021.001',
  SSH: 'T1021.004',
  WinRM: 'T1021.006',
}

/**
 * For each pair and port the rows of the one log that saw it best: two sensors, or a host and a sensor whose clocks differ, would count
 * every connection twice and spoil the rhythm. `from` names the rows, `keys` what a pair is.
 */
export function bestView(from: string, keys: string): string {
  return `select * from ${from} join (
      select ${keys}, series, action from (
        select ${keys}, series, action, row_number() over (partition by ${keys} order by count(*) desc, series, action) as place
        from ${from} group by ${keys}, series, action) ranked
      where place = 1) best using (${keys}, series, action)`
}

/** "12.3 MB" for a title. */
export function sizeOf(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`
  return bytes >= 1e3 ? `${(bytes / 1e3).toFixed(0)} kB` : `${bytes} bytes`
}

/** "4 h 10 min" for a title; from seconds. */
export function lastingOf(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 48) return `${Math.round(hours / 24)} days`
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}
