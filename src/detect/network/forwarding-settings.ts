import type { SqlDialect } from '../../model/index.ts'

/** Where a setting or a command says that connections to a port are led on to another machine. */
interface Form {
  /** What a text must hold to be of this form; Perl syntax as RE2 takes it. */
  readonly is: string
  /** First groups: port it listens on, address it listens on ('' when every one), where it leads to, and the port there ('' when the same). */
  readonly port: string
  readonly at?: string
  readonly to: string
  readonly toPort?: string
}

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`

/** Lists of rules in one value are read to this many; more is no home router. */
const RULES_OF_A_LIST = 8

/** The n-th rule of a list in which each one begins with the same sign. */
const listed = (form: (before: string) => Form): readonly Form[] =>
  Array.from({ length: RULES_OF_A_LIST }, (_, before) => form(`{${before}}`))

const FORMS: readonly Form[] = [
  // Cisco IOS: ip nat inside source static tcp LOCAL PORT (GLOBAL | interface NAME) PORT
  ...[true, false].map((byInterface): Form => {
    const head = String.raw`ip nat inside source static (?:tcp|udp) `
    const global = byInterface ? String.raw`interface \S+` : ADDRESS
    return {
      is: `${head}${ADDRESS} \\d+ ${global} \\d+`,
      port: `${head}\\S+ \\d+ ${global} (\\d+)`,
      ...(byInterface ? {} : { at: `${head}\\S+ \\d+ (${ADDRESS}) ` }),
      to: `${head}(\\S+) `,
      toPort: `${head}\\S+ (\\d+) `,
    }
  }),
  // ASA before 8.3: static (inside,outside) tcp (interface | GLOBAL) PORT LOCAL PORT
  {
    is: String.raw`^static \([^)]*\) (?:tcp|udp) \S+ \d+ \S+ \d+`,
    port: String.raw`^static \([^)]*\) \S+ \S+ (\d+) `,
    at: String.raw`^static \([^)]*\) \S+ (${ADDRESS}) `,
    to: String.raw`^static \([^)]*\) \S+ \S+ \d+ (\S+) `,
    toPort: String.raw`^static \([^)]*\) \S+ \S+ \d+ \S+ (\d+)`,
  },
  // FortiOS: config firewall vip
  {
    is: String.raw`(?s)firewall vip .*set mappedip .*set extport `,
    port: String.raw`set extport (\d+)`,
    at: String.raw`set extip (${ADDRESS})`,
    to: String.raw`set mappedip "?(${ADDRESS})`,
    toPort: String.raw`set mappedport (\d+)`,
  },
  // RouterOS: /ip firewall nat add action=dst-nat
  {
    is: String.raw`action=dst-nat\b.*\bdst-port=\d+.*\bto-addresses=`,
    port: String.raw`\bdst-port=(\d+)`,
    at: String.raw`\bdst-address=(${ADDRESS})`,
    to: String.raw`\bto-addresses=(${ADDRESS})`,
    toPort: String.raw`\bto-ports=(\d+)`,
  },
  // iptables-save and iptables: … --dport PORT … -j DNAT --to-destination ADDRESS:PORT
  {
    is: String.raw`--dport \d+ .*(?:-j|--jump) DNAT .*--to-dest`,
    port: String.raw`--dport (\d+)`,
    at: String.raw`(?:-d|--destination) (${ADDRESS})`,
    to: String.raw`--to-dest(?:ination)? (${ADDRESS})`,
    toPort: String.raw`--to-dest(?:ination)? ${ADDRESS}:(\d+)`,
  },
  // nft: … dport PORT dnat to ADDRESS:PORT
  {
    is: String.raw`dport \d+ .*dnat (?:ip )?to ${ADDRESS}`,
    port: String.raw`dport (\d+) `,
    at: String.raw`ip daddr (${ADDRESS})`,
    to: String.raw`dnat (?:ip )?to (${ADDRESS})`,
    toPort: String.raw`dnat (?:ip )?to ${ADDRESS}:(\d+)`,
  },
  // socat, as a service of a device or a command: TCP-LISTEN:PORT,… TCP:ADDRESS:PORT
  {
    is: String.raw`(?i)socat\b.*\b(?:tcp|udp)[46]?-l(?:isten)?:\d+.*\s"?(?:tcp|udp)[46]?(?:-connect)?:${ADDRESS}:\d+`,
    port: String.raw`(?i)-l(?:isten)?:(\d+)`,
    at: String.raw`(?i),bind=(${ADDRESS})`,
    to: String.raw`(?i)\s"?(?:tcp|udp)[46]?(?:-connect)?:(${ADDRESS}):`,
    toPort: String.raw`(?i)\s"?(?:tcp|udp)[46]?(?:-connect)?:${ADDRESS}:(\d+)`,
  },
  // netsh interface portproxy add v4tov4 listenport=PORT connectaddress=ADDRESS connectport=PORT
  {
    is: String.raw`(?i)\bv[46]tov[46]\b.*\bl\w*port=\d+.*\bconnecta\w*=|(?i)\bv[46]tov[46]\b.*\bconnecta\w*=.*\bl\w*port=\d+`,
    port: String.raw`(?i)\blistenp\w*=(\d+)`,
    at: String.raw`(?i)\blistena\w*=(${ADDRESS})`,
    to: String.raw`(?i)\bconnecta\w*=(${ADDRESS})`,
    toPort: String.raw`(?i)\bconnectp\w*=(\d+)`,
  },
  // Cisco IOS, show ip nat translations: tcp GLOBAL:PORT LOCAL:PORT --- ---
  {
    is: `^(?:tcp|udp) ${ADDRESS}:\\d+ ${ADDRESS}:\\d+ --- ---$`,
    port: `^\\w+ ${ADDRESS}:(\\d+) `,
    at: `^\\w+ (${ADDRESS}):`,
    to: `^\\w+ \\S+ (${ADDRESS}):`,
    toPort: `^\\w+ \\S+ ${ADDRESS}:(\\d+) `,
  },
  // ASA, show xlate: TCP PAT from inside:LOCAL PORT-PORT to outside:GLOBAL PORT-PORT flags sr
  {
    is: `^(?:TCP|UDP) PAT from \\S+:${ADDRESS}[ /]\\d+\\S* to \\S+:${ADDRESS}[ /]\\d+\\S* flags \\w*s`,
    port: `to \\S+:${ADDRESS}[ /](\\d+)`,
    at: `to \\S+:(${ADDRESS})[ /]`,
    to: `^\\w+ PAT from \\S+:(${ADDRESS})[ /]`,
    toPort: `^\\w+ PAT from \\S+:${ADDRESS}[ /](\\d+)`,
  },
  // ASUS: vts_rulelist=<NAME>PORT>ADDRESS>PORT>TCP>
  ...listed(before => ({
    is: `^vts_rulelist=(?:<[^<]*)${before}<[^<>]*>\\d+>${ADDRESS}>`,
    port: `^vts_rulelist=(?:<[^<]*)${before}<[^<>]*>(\\d+)>`,
    to: `^vts_rulelist=(?:<[^<]*)${before}<[^<>]*>\\d+>(${ADDRESS})>`,
    toPort: `^vts_rulelist=(?:<[^<]*)${before}<[^<>]*>\\d+>${ADDRESS}>(\\d+)>`,
  })),
  // DD-WRT: forward_spec=NAME:on:both:PORT>ADDRESS:PORT NAME:on:…
  ...listed(before => ({
    is: `^forward_spec=(?:\\S+ )${before}\\S*:on:\\w+:\\d+>${ADDRESS}:\\d+`,
    port: `^forward_spec=(?:\\S+ )${before}\\S*:on:\\w+:(\\d+)>`,
    to: `^forward_spec=(?:\\S+ )${before}\\S*:on:\\w+:\\d+>(${ADDRESS}):`,
    toPort: `^forward_spec=(?:\\S+ )${before}\\S*:on:\\w+:\\d+>${ADDRESS}:(\\d+)`,
  })),
  // Tomato: portforward=1<3<SOURCE<PORT<PORT<ADDRESS<NAME>1<3<…
  ...listed(before => ({
    is: `^portforward=(?:[^>]*>)${before}1<\\d<[^<]*<\\d+<\\d*<${ADDRESS}<`,
    port: `^portforward=(?:[^>]*>)${before}1<\\d<[^<]*<(\\d+)<`,
    to: `^portforward=(?:[^>]*>)${before}1<\\d<[^<]*<\\d+<\\d*<(${ADDRESS})<`,
    toPort: `^portforward=(?:[^>]*>)${before}1<\\d<[^<]*<\\d+<(\\d+)<`,
  })),
]

/** One of these words is in every text that has one of the forms, so that all others are passed over quickly. */
const HINT =
  '(?i)ip nat inside source static|^static \\(|nat \\(.* static .*service|firewall vip|dst-nat|to-dest|dnat |socat|v[46]tov[46]|^vts_rulelist=|^forward_spec=|^portforward=| --- ---$|^(?:tcp|udp) pat from '

const number = (text: string) => `cast(coalesce(nullif(substring(${text}, 1, 5), ''), '0') as bigint)`
const PLACE = 'evidence, record, "byteOffset", "time", host'

/**
 * CTEs up to `forwarding`: where a device's configuration, a command on it or a program started on it leads connections on, with host, how
 * ('setting' or 'program'), said (the words), listenAt (empty for every address), listenPort, target and targetPort; and `own_address` (host,
 * ownIp): addresses that configurations give to their device.
 */
export function forwardings(sql: SqlDialect): string {
  const hinted = (column: string) => sql.matches(column, HINT)
  const formed = ({ is, port, at, to, toPort }: Form) => {
    const listenPort = sql.captured('said', port)
    const targetPort = toPort === undefined ? "''" : sql.captured('said', toPort)
    return `select ${PLACE}, how, said, ${at === undefined ? "''" : `nullif(${sql.captured('said', at)}, '0.0.0.0')`} as listenAt, ${number(listenPort)} as listenPort,
        ${sql.captured('said', to)} as target, case when ${targetPort} = '' then ${number(listenPort)} else ${number(targetPort)} end as targetPort
      from setting where ${sql.matches('said', is)}`
  }
  // ASA 8.3 and later says the machine and how it is published in two sections of one object
  const nat = String.raw`nat \([^)]*\) static \S+ service (?:tcp|udp) \d+ (\d+)`
  const realPort = String.raw`nat \([^)]*\) static \S+ service (?:tcp|udp) (\d+) \d+`
  const objects = `select n.evidence, n.record, n."byteOffset", n."time", n.host, n.how, n.said, ${sql.captured('n.said', String.raw`static (${ADDRESS}) service`)} as listenAt,
        ${number(sql.captured('n.said', nat))} as listenPort, ${sql.captured('o.command', `host (${ADDRESS})`)} as target, ${number(sql.captured('n.said', realPort))} as targetPort
      from setting n join device_config o on o.evidence = n.evidence and o.object = n.object
      where ${sql.matches('n.said', nat)} and ${sql.matches('o.command', `host ${ADDRESS}`)}`
  const listen = `case when valueName like '%/%' then valueName else ${sql.captured('key', String.raw`([^\\]*)$`)} end`
  return `
    setting as (
      select ${PLACE}, 'setting' as how, object, command as said from device_config where command <> '' and action <> 'delete' and ${hinted('command')}
      union all
      select ${PLACE}, 'program' as how, '' as object, commandLine as said from process_activity where action = 'start' and commandLine <> '' and ${hinted('commandLine')}
      union all
      select ${PLACE}, 'setting' as how, '' as object, path as said from service_activity where path <> '' and ${hinted('path')}
      union all
      select ${PLACE}, 'setting' as how, '' as object, command as said from scheduled_job_activity where command <> '' and ${hinted('command')}
      union all
      select ${PLACE}, 'setting' as how, '' as object, concat('port proxy v4tov4 listenaddress=', ${sql.replaceAll(listen, '/', ' listenport=')},
        ' connectaddress=', ${sql.replaceAll('value', '/', ' connectport=')}) as said
      from registry_activity where action = 'set-value' and ${sql.matches('key', '(?i)\\\\services\\\\portproxy\\\\v[46]tov[46]\\\\tcp')} and value like '%/%'),
    forwarding as (
      select * from (${[...FORMS.map(formed), objects].join(' union all ')}) formed
      where target not in ('', '0.0.0.0', '127.0.0.1') and listenPort between 1 and 65535 and targetPort between 1 and 65535),
    own_address as (
      select distinct host, ${sql.captured('command', `(?:ip address |set ip |address=|_ipaddr=)(${ADDRESS})`)} as ownIp
      from device_config where action = 'state' and host <> '' and host in (select host from forwarding)
        and ${sql.matches('command', `(?:ip address |set ip |address=|_ipaddr=)${ADDRESS}`)})`
}
