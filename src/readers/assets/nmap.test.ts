import { expect, test } from 'vitest'
import { readText, textSample } from '../../../test/text-part.ts'
import { parseAssets, reader } from './reader.ts'

/** Written after the format's DTD (nmap.org/book/nmap-dtd.html). */
const SCAN = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sV -O -oX scan.xml 10.20.0.0/16" start="1692000000" version="7.94">
<host starttime="1692000001"><status state="up" reason="echo-reply"/>
<address addr="10.20.5.1" addrtype="ipv4"/>
<address addr="00:09:0F:00:00:01" addrtype="mac" vendor="Fortinet"/>
<hostnames><hostname name="FW01.example" type="PTR"/></hostnames>
<ports><port protocol="tcp" portid="443"><state state="open" reason="syn-ack"/><service name="https" product="Fortinet &amp; co" version="7.0"/></port>
<port protocol="tcp" portid="23"><state state="closed"/><service name="telnet"/></port></ports>
<os><osmatch name="Fortinet FortiGate" accuracy="98"><osclass type="firewall" vendor="Fortinet" osfamily="FortiOS" osgen="7.X" accuracy="98"/></osmatch></os>
</host>
<host><status state="down"/><address addr="10.20.5.2" addrtype="ipv4"/></host>
<host><status state="up"/><address addr="10.20.5.3" addrtype="ipv4"/>
<os><osmatch name="Linux" accuracy="90"><osclass type="general purpose" vendor="Linux" osfamily="Linux" osgen="5.X" accuracy="90"/></osmatch></os></host>
<runstats><finished time="1692000100"/></runstats>
</nmaprun>
`

test('machines that are up, with what is open; a doubtful guess of the system is left out', () => {
  const { model, diagnostics, assetLines } = parseAssets(SCAN, 'scan.xml')
  expect(diagnostics).toEqual([])
  expect(assetLines).toEqual([4, 13])
  expect(
    model.assets.map(({ id, names, addresses, vendor, model: made, role, open }) => [
      id,
      names,
      addresses,
      vendor,
      made,
      role,
      open,
    ]),
  ).toEqual([
    ['fw01.example', ['fw01.example'], ['10.20.5.1'], 'Fortinet', 'FortiOS 7.X', 'firewall', ['tcp/443 https Fortinet & co 7.0']],
    ['10.20.5.3', ['10.20.5.3'], ['10.20.5.3'], '', '', '', []],
  ])
})

test('a scan that was stopped says so', () => {
  const cut = SCAN.slice(0, SCAN.indexOf('<runstats>'))
  expect(parseAssets(cut, 'scan.xml').diagnostics.map(({ code }) => code)).toEqual(['assets/scan-cut'])
})

test('it is recognised, and each machine points to its line', () => {
  expect(reader.recognise(textSample(SCAN))).toBe(90)
  expect(reader.recognise(textSample('<?xml version="1.0"?>\n<configuration/>'))).toBe(0)
  expect(readText(reader, SCAN).events.map(({ source, original }) => [source.record, original.get('open')])).toEqual([
    [4, 'tcp/443 https Fortinet & co 7.0'],
    [13, ''],
  ])
})

test('a long line without an end takes no time', () => {
  const began = performance.now()
  parseAssets(`<nmaprun>${'<host '.repeat(100_000)}`, 'scan.xml')
  expect(performance.now() - began).toBeLessThan(3_000)
})
