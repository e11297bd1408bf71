import { expect, test } from 'vitest'
import { columnsOf, readText } from '../../../test/text-part.ts'
import { reader } from './reader.ts'

test('a crashed daemon, as the log reference words id 32546', () => {
  const line =
    'date=2023-08-15 time=05:34:25 devname="fw01" devid="F1" logid="0100032546" type="event" subtype="system" level="warning" logdesc="Application crashed" msg="Pid: 221, application: sslvpnd, Firmware: FortiGate-300D v6.2.3, Signal 11 received, Backtrace: 0x1"'
  const { events } = readText(reader, line)
  expect(events.map(columnsOf)).toEqual([
    {
      kind: 'service_activity',
      action: 'crash',
      name: 'sslvpnd',
      path: 'Pid: 221, application: sslvpnd, Firmware: FortiGate-300D v6.2.3, Signal 11 received, Backtrace: 0x1',
    },
  ])
})
