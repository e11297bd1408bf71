import { describe, expect, test } from 'vitest'
import { at } from '../../../test/case-events.ts'
import type { AssetModel } from '../../model/index.ts'
import { accountOf, sameAccount } from './accounts.ts'
import { HostBook, type Sighting } from './host-book.ts'

const seen = (name: string, address: string, from: string, to = from): Sighting => ({
  name,
  address,
  from: at(from),
  to: at(to),
  count: 1,
  basis: 'a DHCP lease',
})

describe('hosts', () => {
  const book = new HostBook(
    [
      seen('dc01.example', '', '2024-01-01T00:00:00Z', '2024-01-31T00:00:00Z'),
      seen('pc07.example', '10.0.0.7', '2024-01-01T08:00:00Z', '2024-01-01T09:00:00Z'),
      seen('pc08.example', '10.0.0.7', '2024-01-01T20:00:00Z', '2024-01-01T21:00:00Z'),
      seen('web.one.example', '', '2024-01-01T00:00:00Z', '2024-01-31T00:00:00Z'),
      seen('web.two.example', '', '2024-01-01T00:00:00Z', '2024-01-31T00:00:00Z'),
      seen('a.example', '10.0.0.9', '2024-01-01T08:00:00Z'),
      seen('b.example', '10.0.0.9', '2024-01-01T08:10:00Z'),
    ],
    undefined,
  )

  test.each([
    ['DC01', '2024-01-10T00:00:00Z', 'dc01.example'],
    ['DC01$', '2024-01-10T00:00:00Z', 'dc01.example'],
    ['dc01', '2019-01-10T00:00:00Z', 'dc01'],
    ['dc01.other.org', '2024-01-10T00:00:00Z', 'dc01.other.org'],
    ['web', '2024-01-10T00:00:00Z', 'web'],
  ])('%s at %s is %s', (name, time, host) => expect(book.hostOf(name, at(time))).toBe(host))

  test.each([
    ['one address, two machines, each at its time', '10.0.0.7', '2024-01-01T08:30:00Z', 'pc07.example'],
    ['the later lease', '10.0.0.7', '2024-01-01T20:30:00Z', 'pc08.example'],
    ['nobody is known weeks later', '10.0.0.7', '2024-02-01T08:30:00Z', undefined],
    ['two at once are nobody', '10.0.0.9', '2024-01-01T08:05:00Z', undefined],
    ['never seen', '10.0.0.77', '2024-01-01T08:05:00Z', undefined],
  ])('%s', (_name, address, time, host) => expect(book.holderOf(address, at(time))?.host).toBe(host))

  test('the asset list names machines and addresses, what was seen at the time goes first', () => {
    const asset = {
      id: 'srv',
      names: ['srv', 'srv.example'],
      addresses: ['10.0.0.7'],
      role: '',
      site: '',
      zone: '',
      owner: '',
      vendor: '',
      model: '',
      firmware: '',
      neverCut: false,
    }
    const assets: AssetModel = { sites: [], zones: [], assets: [asset], conduits: [], services: [] }
    const listed = new HostBook([seen('pc07.example', '10.0.0.7', '2024-01-01T08:00:00Z')], assets)
    expect(listed.hostOf('SRV', undefined)).toBe('srv.example')
    expect(listed.holderOf('10.0.0.7', at('2024-01-01T08:00:00Z'))?.host).toBe('pc07.example')
    expect(listed.holderOf('10.0.0.7', at('2024-06-01T08:00:00Z'))?.host).toBe('srv.example')
  })

  test('a name server names a machine only where nobody saw it, and only by one name', () => {
    const answer = (name: string, address: string) => ({ ...seen(name, address, '2024-01-01T08:00:00Z'), basis: 'a DNS answer' })
    const answered = new HostBook([seen('pc07.example', '10.0.0.7', '2024-01-01T08:00:00Z')], undefined, [
      answer('alias.example', '10.0.0.7'),
      answer('db01.example', '10.0.0.8'),
      answer('web01.example', '10.0.0.9'),
      answer('www.example', '10.0.0.9'),
      answer('cdn.elsewhere.example', '10.0.0.10'),
    ])
    const holder = (address: string, time: string) => answered.holderOf(address, at(time))
    expect(holder('10.0.0.7', '2024-01-01T08:00:00Z')?.host).toBe('pc07.example')
    expect(holder('10.0.0.8', '2024-01-01T09:00:00Z')).toEqual({ host: 'db01.example', basis: 'a DNS answer' })
    expect(holder('10.0.0.8', '2024-01-05T09:00:00Z')).toBeUndefined()
    expect(holder('10.0.0.9', '2024-01-01T08:00:00Z')).toBeUndefined()
    expect([answered.isSiteName('db01.example'), answered.isSiteName('cdn.elsewhere.example')]).toEqual([true, false])
    expect(answered.addressesOf('db01.example', at('2024-01-01T09:00:00Z'))).toEqual(['10.0.0.8'])
  })
})

describe('accounts', () => {
  test.each([
    ['EXAMPLE\\ann', 'ann@example.org', true],
    ['EXAMPLE\\ann', 'ann', true],
    ['EXAMPLE\\ann', 'OTHER\\ann', false],
    ['Administrator', 'Administrator', false],
    ['EXAMPLE\\Administrator', 'administrator@example', true],
    ['EXAMPLE\\ann', 'EXAMPLE\\bob', false],
  ])('%s and %s on two machines: %s', (a, b, same) => {
    const one = accountOf(a, 'h1.example')
    const other = accountOf(b, 'h2.example')
    expect(one && other && sameAccount(one, other)).toBe(same)
  })

  test.each(['NT AUTHORITY\\SYSTEM', 'DC01$', '-', '', 'S-1-5-18'])('%j is nobody', name =>
    expect(accountOf(name, 'h')).toBeUndefined(),
  )
})
