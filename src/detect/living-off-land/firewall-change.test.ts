import { expect, test } from 'vitest'
import { command, severityFor } from '../../../test/record-detector.ts'
import { firewallChange } from './firewall-change.ts'

test.each([
  ['netsh advfirewall set allprofiles state off', 'medium'],
  ['powershell Set-NetFirewallProfile -All -Enabled False', 'medium'],
  ['netsh advfirewall firewall add rule name="any" dir=in action=allow', 'medium'],
  ['netsh  advfirewall firewall add rule name="atomic testing" action=allow dir=in protocol=TCP localport=450', 'low'],
  ['netsh firewall add portopening TCP 8443 web', 'low'],
  ['netsh advfirewall firewall show rule name=all', ''],
  ['netsh  advfirewall firewall delete rule name="atomic testing" protocol=TCP localport=450', ''],
  ['netsh interface tcp show global', ''],
])('%s', (line, severity) => {
  expect(severityFor(firewallChange, command(line))).toBe(severity)
})
