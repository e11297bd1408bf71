import { expect, test } from 'vitest'
import { at, flow, times } from '../../../test/network-events.ts'
import { storeOf } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { recordedMachines } from './recorded-machines.ts'

test('machines that record are listed with the addresses their own connections show; a sensor and a client without logs are not', async () => {
  const own = times(
    5,
    index =>
      at(
        'network_activity',
        index,
        { action: 'open', srcIp: '10.0.0.7', dstIp: `198.51.100.${index}`, dstPort: 443 },
        { host: 'pc07.corp.example', product: 'sysmon' },
      ) as SecurityEvent,
  )
  const store = await storeOf([
    ...own,
    at('authentication', 0, { action: 'logon', user: 'ora' }, { host: 'dc01', product: 'security' }) as SecurityEvent,
    flow(0, '10.0.0.9', '10.0.0.8', 80),
  ])
  try {
    expect(await recordedMachines(store.queries)).toEqual([
      { machine: 'dc01', products: ['security'], addresses: [] },
      { machine: 'pc07.corp.example', products: ['sysmon'], addresses: ['10.0.0.7'] },
    ])
  } finally {
    store.close()
  }
})
