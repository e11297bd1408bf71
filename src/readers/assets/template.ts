/** What `assets init` writes: every section with an entry that is an example, so that the list can be read as it stands. */
export const ASSET_TEMPLATE = `# Asset list for Barograph: what you know about your own network and the evidence does not.
# Replace the examples below. What you leave out is not guessed: the report says that it does not know.
# "barograph assets check FILE" says in plain words what is missing; "barograph hunt … --assets FILE" uses it.
# All values are text (firmware 6.10 stays 6.10). Several values: [a, b].

# Where things stand.
sites:
  - id: main                       # any short word; other entries refer to it
    name: Main site
    place: Hagåtña, Guam

# Parts of the network. kind: it, ot (control network), dmz (servers seen from outside), edge, outside.
# level: the Purdue level. 0 process, 1 control (PLC, RTU), 2 supervision (HMI), 3 plant operations (SCADA server, historian),
#        3.5 between plant and office (jump hosts), 4 office servers, 5 enterprise and internet-facing.
zones:
  - id: edge
    name: Internet edge
    kind: edge
    networks: [192.0.2.0/28]
  - id: dmz
    name: Public servers
    kind: dmz
    level: 5
    networks: [10.20.5.0/24]
  - id: servers
    name: Office servers
    kind: it
    level: 4
    networks: [10.20.10.0/24]
  - id: jump
    name: Between office and plant
    kind: it
    level: 3.5
    networks: [10.20.40.0/24]
  - id: plant
    name: Control network
    kind: ot
    level: 2
    networks: [10.20.90.0/24]

# Machines and devices: the ten that matter most are a good beginning.
# Devices at the edge (firewall, router, VPN gateway, camera, modem) need vendor, model and firmware: that is how the report
# says which is past its support or known to be exploited.
assets:
  - id: fw01
    names: [fw01, fw01.example]    # as logs name it
    addresses: [10.20.5.1, 192.0.2.1]
    role: edge firewall
    site: main
    zone: edge
    vendor: Fortinet
    model: FortiGate 60F
    firmware: 7.0.12
    owner: network team
  - id: web01
    names: [web01]
    addresses: [10.20.5.10]
    role: web server
    site: main
    zone: dmz
  - id: dc01
    names: [dc01]
    addresses: [10.20.10.10]
    role: domain controller
    site: main
    zone: servers
  - id: jump01
    names: [jump01]
    addresses: [10.20.40.10]
    role: jump host
    site: main
    zone: jump
  - id: scada01
    names: [scada01]
    addresses: [10.20.90.10]
    role: SCADA server
    site: main
    zone: plant
    neverCut: true                 # must never be cut off its network (safety systems)

# Who may go where: the ways between zones that you allow. via: the machine it goes through.
conduits:
  - { from: dmz, to: servers, ports: [443] }
  - { from: jump, to: plant, ports: [3389], via: jump01 }

# What people notice when it stops.
# sector: one of the 16 critical infrastructure sectors (Energy, Communications, Water and Wastewater Systems …).
# needs: ids of machines or services with & (and), | (or), parentheses, and "2 of (a, b, c)".
services:
  - id: water
    name: Water treatment
    sector: Water and Wastewater Systems
    site: main
    needs: scada01 & (jump01 | dc01)
    fallbackHours: 36              # how long it goes on without what it needs; 0 when it stops at once
    customers: 41000
`
