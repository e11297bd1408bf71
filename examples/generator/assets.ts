import type { World } from './world.ts'

/** The operator's asset list as YAML. */
export function assetList(world: World): string {
  const { firewall, web, dc, file, jump, engineering, scada, softswitch } = world.machines
  const asset = (machine: { short: string; fqdn: string; ip: string }, role: string, zone: string, extra = ''): string =>
    `  - id: ${machine.short}\n    names: [${machine.short}, ${machine.fqdn}]\n    addresses: [${machine.ip}]\n    role: ${role}\n    site: main\n    zone: ${zone}\n${extra}`
  return `# Asset list of ${world.operator} (made up). Checked by hand, January 2023.
sites:
  - id: main
    name: ${world.operator}
    place: ${world.zone.place}
zones:
  - id: edge
    name: Edge
    kind: edge
    networks: [192.0.2.0/28]
  - id: dmz
    name: Public servers
    kind: dmz
    networks: [${world.networks.dmz}.0/24]
  - id: servers
    name: Servers
    kind: it
    networks: [${world.networks.servers}.0/24]
  - id: users
    name: Offices
    kind: it
    networks: [${world.networks.users}.0/24]
  - id: vpn
    name: Remote access
    kind: it
    networks: [${world.networks.vpn}.0/24]
  - id: plant
    name: Water and power control
    kind: ot
    networks: [${world.networks.ot}.0/24]
  - id: telephone
    name: Telephone exchange
    kind: ot
    networks: [${world.networks.telephone}.0/24]
assets:
${asset(firewall, 'edge firewall', 'edge', '    vendor: Fortinet\n    model: FortiGate 60F\n    firmware: 6.4.9\n')}${asset(web, 'web server', 'dmz')}${asset(dc, 'domain controller', 'servers')}${asset(file, 'file server', 'servers')}${asset(jump, 'jump host', 'servers')}${asset(engineering, 'engineering workstation', 'plant')}${asset(scada, 'SCADA server', 'plant', '    neverCut: true\n')}${asset(softswitch, 'telephone softswitch', 'telephone')}conduits:
  - { from: dmz, to: servers, ports: [88, 123, 389, 445, 3389] }
  - { from: vpn, to: servers, ports: [22, 445, 3389] }
  - { from: users, to: servers, ports: [88, 135, 389, 445, 3389] }
  - { from: users, to: plant, ports: [3389], via: ${engineering.short} }
  - { from: servers, to: plant, ports: [3389], via: ${engineering.short} }
  - { from: servers, to: telephone, ports: [161], via: ${jump.short} }
services:
  - id: water-control
    name: Water treatment and pumping
    sector: Water and Wastewater
    site: main
    needs: ${scada.short} & ${engineering.short}
    fallbackHours: 36
    customers: 41000
  - id: power-dispatch
    name: Power dispatch
    sector: Energy
    site: main
    needs: ${scada.short} & (${jump.short} | ${engineering.short})
    fallbackHours: 8
    customers: 52000
  - id: telephone
    name: Local telephone and emergency calls
    sector: Communications
    site: main
    needs: ${softswitch.short} & ${dc.short}
    fallbackHours: 2
    customers: 38000
  - id: billing
    name: Customer accounts and payments
    sector: Financial Services
    site: main
    needs: ${web.short} & ${dc.short}
    fallbackHours: 72
    customers: 52000
`
}
