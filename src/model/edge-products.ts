/** What our readers call the logs of firewalls, routers and VPN gateways; pfSense and OPNsense write as `filterlog` and under their own names. */
export const edgeProducts: readonly string[] = [
  'fortigate',
  'asa',
  'pan-os',
  'cisco-ios',
  'ivanti',
  'mikrotik',
  'filterlog',
  'pfsense',
  'opnsense',
]
