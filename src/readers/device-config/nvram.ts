import type { ConfigSection, ConfigTree, PlacedLine } from './tree.ts'

/** A key and its value, as `nvram show` and saved settings of home routers have them. */
export const NVRAM_LINE = /^([A-Za-z][\w.:/-]{0,80})=(.*)$/s
/** Keys only the settings of a router have. */
export const ROUTER_KEY =
  /^(?:wan\d?_|lan\d?_|wl\d?[_.]|http_|https_|sshd_|telnetd?_|ddns_|upnp_|productid$|firmver$|os_(?:name|version)|router_name|remote_|misc_http|vpn_|pptpd?_|openvpn|ntp_|log_|nvram_|boardtype|boardnum|dhcp_|dmz_|forward|vts_|fw_|qos_|dr_|ms_|st_|t_)/

/** Each key is a section of its own: two saves of one router differ by keys. */
export function nvramTree(lines: readonly PlacedLine[]): ConfigTree {
  const sections: ConfigSection[] = []
  const values = new Map<string, string>()
  for (const { text, number, offset } of lines) {
    const match = NVRAM_LINE.exec(text.trim())
    if (!match) continue
    const [, key = '', raw = ''] = match
    const value = raw.replace(/^(["'])(.*)\1$/s, '$2')
    values.set(key, value)
    sections.push({
      path: ['nvram'],
      name: key,
      settings: new Map([[key, value]]),
      text: `${key}=${value}`.slice(0, 8192),
      line: number,
      offset,
    })
  }
  const said = (...keys: readonly string[]) => keys.map(key => values.get(key) ?? '').find(value => value !== '') ?? ''
  const model = said('productid', 'odmpid', 'model', 'modelname', 'router_model', 'DD_BOARD', 'board_id', 'boardid')
  return {
    device: {
      dialect: 'nvram',
      vendor: said('vendor', 'manufacturer') || (/^(?:RT|DSL|GT|TUF|ZenWiFi)-/i.test(model) ? 'ASUS' : ''),
      hostname: said('lan_hostname', 'computer_name', 'router_name', 'wan_hostname', 'hostname'),
      model,
      version: said('firmver', 'os_version', 'firmware_version', 'fw_version', 'buildinfo'),
      changed: '',
      changedBy: '',
    },
    sections,
  }
}
