import { expect, test } from 'vitest'
import { command, eventOf, matchOf, severityFor } from '../../../test/record-detector.ts'
import { portProxy } from './port-proxy.ts'

const ADD = 'netsh interface portproxy add v4tov4 listenaddress=0.0.0.0 listenport=9999 connectaddress=10.1.2.3 connectport=8443'
const value = (valueName: string, data: string) =>
  eventOf<'registry_activity'>({
    kind: 'registry_activity',
    action: 'set-value',
    key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp',
    valueName,
    value: data,
  })

test('command and registry value are one object', () => {
  const both = [command(ADD), value('0.0.0.0/9999', '10.1.2.3/8443')].map(event => matchOf(portProxy, event))
  expect(both).toEqual([
    {
      title: `Port 9999 is forwarded to 10.1.2.3:8443 (${ADD})`,
      object: 'portproxy 9999',
      severity: 'high',
      confidence: 'moderate',
      techniques: ['T1090.001'],
      addresses: [],
    },
    {
      title: 'Port 9999 is forwarded to 10.1.2.3:8443 (registry value of the port proxy)',
      object: 'portproxy 9999',
      severity: 'high',
      confidence: 'moderate',
      techniques: ['T1090.001', 'T1112'],
      addresses: [],
    },
  ])
})

test.each([
  [
    'in a shell',
    command('cmd.exe /c "netsh interface portproxy add v4tov4 listenport=50100 connectport=1433 connectaddress=10.0.0.5"'),
    'high',
  ],
  [
    'shortened words',
    command('netsh int portproxy add v4tov4 listenport=8080 connectaddress=203.0.113.7 connectport=443'),
    'high',
  ],
  [
    'RDP on loopback',
    command('netsh interface portproxy add v4tov4 listenport=8443 connectaddress=127.0.0.1 connectport=3389'),
    'medium',
  ],
  ['every word shortened', command('netsh  I p a v l=8001 listena=0.0.0.0 connectp=3389 c=1.1.1.1'), 'high'],
  // look-alikes
  ['another interface command', command('netsh interface ipv4 add address name=lan 10.0.0.5'), ''],
  [
    'WSL',
    command(
      'netsh interface portproxy add v4tov4 listenport=3000 listenaddress=0.0.0.0 connectport=3000 connectaddress=172.20.5.2',
    ),
    'low',
  ],
  ['the same as a value', value('0.0.0.0/3000', '172.20.5.2/3000'), 'low'],
  ['only shown', command('netsh interface portproxy show all'), ''],
  ['removed', command('netsh interface portproxy delete v4tov4 listenport=9999'), ''],
  [
    'another key',
    eventOf<'registry_activity'>({
      kind: 'registry_activity',
      action: 'set-value',
      key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip',
      valueName: 'a/1',
      value: 'b/2',
    }),
    '',
  ],
])('%s', (_name, event, severity) => {
  expect(severityFor(portProxy, event)).toBe(severity)
})
