import { expect, test } from 'vitest'
import { at, chance, times } from '../../../test/network-events.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { dnsTunnel } from './dns-tunnel.ts'

const random = chance(5)
const letters = (count: number) =>
  times(count, () => 'abcdefghijklmnopqrstuvwxyz234567'[Math.floor(random() * 32)] ?? '').join('')
const asked = (i: number, query: string, srcIp = '10.0.0.5') =>
  at('dns_activity', i, { srcIp, serverIp: '10.0.0.1', query }) as SecurityEvent

test.each([
  [
    'data in names',
    times(150, i => asked(i, `${letters(40)}.t.evil.example`)),
    ['medium: 10.0.0.5 asked for 150 different names under evil.example'],
  ],
  [
    "under a country's second level",
    times(150, i => asked(i, `${letters(40)}.evil.co.uk`)),
    ['medium: 10.0.0.5 asked for 150 different names under evil.co.uk'],
  ],
  [
    'a product of the whole site',
    times(5, host => times(120, i => asked(i, `${letters(32)}.check.antivirus.example`, `10.0.0.${host + 5}`))).flat(),
    times(5, host => `low: 10.0.0.${host + 5} asked for 120 different names under antivirus.example`),
  ],
  ['a content network: short names, asked again', times(400, i => asked(i, `img${i % 40}.static.cdn.example`)), []],
  ['addresses looked up backwards', times(300, i => asked(i, `${i % 250}.${i}.168.192.in-addr.arpa`)), []],
])('%s', async (_name, events, expected) => {
  expect(saidIn(await foundBy(dnsTunnel, events)).toSorted()).toEqual([...expected].toSorted())
})
