import { NVRAM_LINE, ROUTER_KEY } from './nvram.ts'
import type { Dialect } from './tree.ts'

const IOS_LINE =
  /^(?:version \d|hostname \S|interface \S|line (?:con|vty|aux)|no \S|ip \S|ipv6 \S|router \S|access-list |service \S|enable (?:secret|password)|boot\b|snmp-server |logging |aaa |crypto |username |ntp |vlan |spanning-tree |clock |banner |redundancy|license |end$|exit$|!|Building configuration|Current configuration|ASA Version|: |names$|nameif |object |object-group |access-group |nat \(|route |policy-map|class-map|class |match |group-policy |tunnel-group |mtu |asdm |ssh |telnet |http |timeout |fragment |arp |threat-detection|dhcpd |console |pager |ftp |failover|monitor-interface|icmp |aaa-server|firewall transparent|domain-name |passwd |switch |control-plane|multilink|vrf |track |event manager|archive|privilege |mgcp |template |diagnostic |memory |platform |subscriber |flow |app-hosting|vstack|monitor |tftp-server |netconf|restconf|management|$)/

/** The dialect of a text by its first lines, with how sure it is; undefined when it is no configuration. */
export function dialectOf(
  lines: readonly string[],
): { readonly dialect: Dialect | 'indented'; readonly score: number } | undefined {
  const [first = '', ...more] = lines
  const told = [first.replace(/^\uFEFF/, ''), ...more].map(line => (line.endsWith('\r') ? line.slice(0, -1) : line))
  if (told.slice(0, 5).some(line => /^#config-version=\S+-\d+\.\d+/.test(line))) return { dialect: 'fortios', score: 97 }
  if (told.slice(0, 5).some(line => /^# .* by RouterOS \d/.test(line))) return { dialect: 'routeros', score: 97 }
  const share = (pattern: RegExp) => told.filter(line => pattern.test(line)).length / Math.max(1, told.length)
  if (
    told.length >= 4 &&
    /^config \S/.test(told.find(line => !line.startsWith('#'))?.trim() ?? '') &&
    share(/^\s*(?:config|edit|set|unset|next|end)\b/) >= 0.9
  )
    return { dialect: 'fortios', score: 92 }
  if (
    told.length >= 3 &&
    share(/^(?:\/[a-z][a-z0-9 -]+$|\/[a-z][a-z0-9 -]+ (?:add|set) |(?:add|set) [\w[]|#|\s)/) >= 0.9 &&
    told.some(line => /^\/(?:ip|interface|system|user|tool|ppp|routing|queue|snmp)\b/.test(line))
  )
    return { dialect: 'routeros', score: 90 }
  const topped = told.some(line => /^(?:hostname \S+|ASA Version \S+)/.test(line))
  const isCisco = told.some(line =>
    /^(?:version \d+\.\d|Building configuration|Current configuration : \d+ bytes|ASA Version |: Saved|interface [A-Z]|boot-start-marker|service timestamps)/.test(
      line,
    ),
  )
  if (
    told.length >= 3 &&
    topped &&
    isCisco &&
    told.filter(line => IOS_LINE.test(line) || /^\s+\S/.test(line)).length / told.length >= 0.8
  )
    return { dialect: 'indented', score: 93 }
  const keys = told.map(line => NVRAM_LINE.exec(line)?.[1]).filter(key => key !== undefined)
  if (
    told.length >= 8 &&
    keys.length / told.length >= 0.9 &&
    keys.filter(key => ROUTER_KEY.test(key)).length >= Math.max(4, keys.length * 0.3)
  )
    return { dialect: 'nvram', score: 85 }
  return undefined
}
