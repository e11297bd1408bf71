import { addSetting, type ConfigSection, type ConfigTree, type PlacedLine } from './tree.ts'

/** Words whose next word is a name rather than a value, so that two of them are two sections of one kind. */
const NAMED =
  /^(interface|username|router|line|vlan|class-map|policy-map|route-map|tunnel-group|group-policy|object(?: network| service)?|object-group \S+|ip access-list (?:standard|extended)|event manager (?:applet|directory)|kron (?:policy-list|occurrence)|crypto (?:map|isakmp policy|ikev2 \S+|pki trustpoint|ipsec profile)|app-hosting appid|vrf definition|ip vrf|access-list|snmp-server (?:community|host|user|group)|tacacs server|radius server|aaa group server \S+|aaa-server|monitor session|monitor capture|context|zone security|capture) (\S+)/

/** Sections of IOS, IOS XE, NX-OS, EOS and ASA configurations: a line without indentation and the deeper ones behind it. */
export function indentedSections(lines: readonly PlacedLine[]): readonly ConfigSection[] {
  const sections: ConfigSection[] = []
  let head: PlacedLine | undefined
  let inside: PlacedLine[] = []
  const close = () => {
    if (head) sections.push(sectionOf(head, inside))
    head = undefined
    inside = []
  }
  let banner: string | undefined
  for (const line of lines) {
    const text = line.text.trimEnd()
    if (banner !== undefined) {
      inside.push(line)
      if (text.includes(banner)) banner = undefined
      continue
    }
    // Remarks, and what the clock sets by itself.
    if (text === '' || /^\s*!/.test(text) || text.startsWith(':') || text.startsWith('ntp clock-period')) continue
    if (/^\s/.test(text) && head) {
      inside.push(line)
      continue
    }
    close()
    head = line
    // "banner motd ^C" ends where its sign comes again.
    const sign = /^banner \S+ (\^C|\S)(.*)$/.exec(text)
    if (sign && !(sign[2] ?? '').includes(sign[1] ?? '')) banner = sign[1]
  }
  close()
  return sections
}

function sectionOf(head: PlacedLine, inside: readonly PlacedLine[]): ConfigSection {
  const text = head.text.trim()
  const named = NAMED.exec(text)
  const words = text.split(/\s+/)
  const isNegated = words[0] === 'no'
  const path = named ? (named[1] ?? '').split(' ') : words.slice(0, isNegated ? 4 : Math.min(3, words.length))
  const settings = new Map<string, string>()
  if (named) addSetting(settings, words.slice(0, path.length).join(' '), text)
  for (const line of inside) {
    const [first = '', second = ''] = line.text.trim().split(/\s+/)
    addSetting(
      settings,
      /^(?:no|ip|ipv6|crypto|switchport|transport|tunnel)$/.test(first) ? `${first} ${second}` : first,
      line.text.trim(),
    )
  }
  return {
    path,
    name: named?.[2] ?? '',
    settings,
    text: [text, ...inside.map(line => line.text.trimEnd())].join('\n'),
    line: head.number,
    offset: head.offset,
  }
}

/** A configuration of the IOS family or an ASA. */
export function indentedTree(lines: readonly PlacedLine[]): ConfigTree {
  const sections = indentedSections(lines)
  const all = lines.map(line => line.text)
  const find = (pattern: RegExp): string => {
    for (const line of all) {
      const match = pattern.exec(line)
      if (match) return (match[1] ?? '').trim()
    }
    return ''
  }
  const isAsa =
    all.some(line => /^ASA Version |^: Hardware:\s+(?:ASA|FPR)/.test(line)) ||
    sections.some(({ settings }) => settings.has('nameif'))
  const changed =
    /^! (?:Last configuration change|NVRAM config last updated) at (\d\d:\d\d:\d\d)(?:\.\d+)? (\S+) \S{3} (\S{3}) {1,2}(\d{1,2}) (\d{4})(?: by (\S+))?/
  const when = all.map(line => changed.exec(line)).find(match => match !== null)
  const written = /^: Written by (\S+) at (\d\d:\d\d:\d\d)(?:\.\d+)? (\S+) \S{3} (\S{3}) {1,2}(\d{1,2}) (\d{4})/
  const saved = all.map(line => written.exec(line)).find(match => match !== null)
  return {
    device: {
      dialect: isAsa ? 'asa' : 'ios',
      vendor: 'Cisco',
      hostname: find(/^hostname (\S+)/).replace(/^"|"$/g, ''),
      model: isAsa
        ? find(/^: Hardware:\s+([^,\s]+)/)
        : find(/^license udi pid (\S+)/) || find(/^! .*\b(?:chassis|model)[: ]+(\S+)/i),
      version: isAsa ? find(/^ASA Version (\S+)/) : find(/^version (\S+)/),
      changed: when
        ? `${when[5]} ${when[3]} ${when[4]} ${when[1]} ${when[2]}`
        : saved
          ? `${saved[6]} ${saved[4]} ${saved[5]} ${saved[2]} ${saved[3]}`
          : '',
      changedBy: when?.[6] ?? saved?.[1] ?? '',
    },
    sections,
  }
}
