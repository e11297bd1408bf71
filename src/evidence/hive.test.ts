import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ListKind, type MadeKey, madeHive, madeSystem } from '../../test/made-hive.ts'
import type { ByteSource } from '../model/index.ts'
import { Hive, type HiveKey, hiveNumber, hiveText } from './hive.ts'
import { hiveFacts } from './hive-facts.ts'
import { emptySample, guessCollections, hintsOf, sampleOf } from './index.ts'

const source = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(Math.max(0, offset), Math.max(0, offset) + Math.max(0, length)),
})
const hiveOf = (bytes: Uint8Array): Hive => {
  const hive = Hive.open(source(bytes))
  if (!hive) throw new Error('no hive')
  return hive
}

/** What a hive holds, in the words of its writer. */
function treeOf(key: HiveKey): MadeKey {
  const values = [...key.values()].map(value => {
    const data = value.type === 1 ? hiveText(value) : value.type === 4 ? (hiveNumber(value) ?? 0) : new Uint8Array(value.data)
    return [value.name, data] as const
  })
  return { name: key.name, changed: key.changed ?? 0, values: Object.fromEntries(values), keys: [...key.keys()].map(treeOf) }
}

const name = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abcXYZ09 _-éß€漢') })
const value = fc.oneof(
  fc.string({ maxLength: 40, unit: fc.constantFrom(...'ab\\:. %€漢') }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.uint8Array({ maxLength: 60 }),
  fc.integer({ min: 16_340, max: 40_000 }).map(size => new Uint8Array(size).fill(size & 255)),
)
const { tree } = fc.letrec<{ tree: MadeKey }>(tie => ({
  tree: fc.record({
    name,
    changed: fc.integer({ min: 1, max: 4_000_000_000 }).map(seconds => seconds * 1_000_000),
    values: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
    keys: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.uniqueArray(tie('tree'), { maxLength: 4, selector: key => key.name.toUpperCase() }),
    ),
  }),
}))
const sorted = (key: MadeKey): MadeKey => ({
  ...key,
  keys: (key.keys ?? []).toSorted((a, b) => (a.name.toUpperCase() < b.name.toUpperCase() ? -1 : 1)).map(sorted),
})

describe('registry hives', () => {
  test.each(['lf', 'lh', 'li', 'ri'] as const)('what is written with lists of kind %s is read', (list: ListKind) => {
    fc.assert(
      fc.property(tree, root => {
        const hive = hiveOf(madeHive(root, list))
        const read = hive.root()
        expect(read && treeOf(read)).toEqual(sorted(root))
        expect(hive.isClean()).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('changed bytes never throw and never go on for ever', () => {
    const whole = madeSystem({ proxy: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 200 }),
        fc.nat(whole.length),
        (changes, end) => {
          const bytes = Buffer.from(whole.subarray(0, Math.max(8, end)))
          for (const [at, byte] of changes) if (at >= 4 && at < bytes.length) bytes[at] = byte
          const hive = hiveOf(bytes)
          hiveFacts(hive)
          let seen = 0
          const walk = (key: HiveKey, depth: number) => {
            for (const { data } of key.values()) seen += data.length
            if (depth < 8 && seen < 1e6) for (const child of key.keys()) walk(child, depth + 1)
          }
          const root = hive.root()
          if (root) walk(root, 0)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a list that leads to itself ends', () => {
    const bytes = madeHive({ name: 'r', keys: [{ name: 'a' }, { name: 'b' }] }, 'ri')
    const list = bytes.indexOf('ri', 4096, 'latin1')
    bytes.writeUInt32LE(list - 4 - 4096, list + 4)
    expect([...(hiveOf(bytes).root()?.keys() ?? [])].map(key => key.name)).toEqual(['b', 'b', 'b'])
  })

  test.each([
    ['the name of the zone', 'West Pacific Standard Time', { host: 'dc01.corp.example', zone: 'Pacific/Port_Moresby' }],
    ['a zone we have no name for, by its offset', 'Mars Standard Time', { host: 'dc01.corp.example', zone: '+10:00' }],
  ])('a SYSTEM says name and zone of its machine: %s', (_name, zone, facts) => {
    expect(hiveFacts(hiveOf(madeSystem({ zone })))).toEqual(facts)
  })

  test('a collection has host and zone of the SYSTEM in it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'barograph-hive-'))
    try {
      const file = join(folder, 'hive')
      writeFileSync(file, madeSystem())
      const hints = ['Windows/System32/config/SYSTEM', 'Windows/System32/LogFiles/Firewall/pfirewall.log'].map((name, index) =>
        hintsOf({
          path: `triage/C/${name}`,
          ...(index === 0 ? { file, sample: sampleOf(name, file) } : { sample: emptySample(name) }),
        }),
      )
      expect(guessCollections(hints).get('triage/')).toEqual({
        host: { value: 'dc01.corp.example', reason: 'SYSTEM of the collection says so' },
        zone: { value: 'Pacific/Port_Moresby', reason: 'SYSTEM of the collection says so' },
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('a hive that is no SYSTEM says nothing', () => {
    expect(hiveFacts(hiveOf(madeHive({ name: 'r', keys: [{ name: 'Microsoft' }] })))).toBeUndefined()
    expect(Hive.open(source(Buffer.from('regf')))).toBeUndefined()
  })

  // Our SYSTEM after `hivexsh -w` (hivex 1.3.23, Debian 12) added a service to it: keys and values in the places that program gives them.
  test('what another program wrote is read', () => {
    const hive = hiveOf(gunzipSync(Buffer.from(BY_HIVEX, 'base64')))
    const service = hive.key('ControlSet002', 'Services', 'wscsvc2')
    expect([...(service?.values() ?? [])].map(one => [one.name, hiveNumber(one) ?? hiveText(one)])).toEqual([
      ['ImagePath', 'C:\\ProgramData\\x\\svc.exe'],
      ['Type', 16],
      ['Start', 2],
    ])
    expect(hiveFacts(hive)?.host).toBe('dc01.corp.example')
  })
})

const BY_HIVEX =
  'H4sIAAAAAAACA+1ZTWgkRRR+85f5yRhndZGwBx3FlQUlO/lRZg2rqwmYqJhmJ8suEth0OpVMm57pprtnTLwYPciCB70ZEDGoh3hZInjYY7wt7MFchNGDm2MQ' +
  'hL2ZgzK+Vz093ZPpHieKLGh94dVUd1W9qnrvq/e6OyZbXYkCAAls5j+9834jEsFqAhxQXaJK3qkL/Hfw6yuf/y6sICAgICAgICAgICAg8P9AeUmt8kouuH2/' +
  '2Wxaa/z1nwt9JzjtfBfYDOq/g/2ra89g6ws//PzNZ+1PBjF3viwAdmlSnX7z4F0fRxzl8tzcPNW3ud58h14JvG8Si5H+9T6AMqVXbVPXSswuFEbb6+7Uv+Mb' +
  '02yhH/1JTz/cwz5aOQIp1Pje8ndXwvYRde03+Pf3MRayDyPi6Tfi/ev37yNo3fsRz/7nYv3rzXK9FaNmM/MNucLC/Hsu2m1/asjHHC6eRD/5YRqmoACjvE8D' +
  'r+trWchg/TDq7CMSMO4I+x1Foe3HG1g/vfn9i1sh9ji+XuL9Yrz3eh9GmVcr7E29ymarK7pZkW1Vd47lLo65CgwssFGHBDIooMIKioLXJbwrQxWWsTSxzMM8' +
  'tlSAlq5hucJH6VDHuunb94PwKtk85u3bnf81tsG3fsD7xekMbu780WzGW/1eVmXL0zPU1f6SYqt1RtqcnmS3ezjPMHYoohxyO0a5b8mORWxj0iMXw3g70LLR' +
  'ei6YX0MB9kyhlJhZVxVmtfXCzTW4+CPXeyMe7KdGorefaNiyStEQ4Db2KcEG9wtDi4/DGCygB0y0v2Nti1+r+LsGI1hSX9duaZjAejHh2X+2Iq8ySbbLrbn8' +
  '9o+05uZ+2jCY157g7eBrL9myabf4bqD+LZRbieDzRXZox89k/+c3TTFLN23J1Nc3OuJ+p/7DhKdfOoF+8nl9wtbrEz69e4v65CXHfzMDwXFhJtnbf+RjWzHa' +
  '52AUo8EI+o1KkmfhPPpxHIpwoT3GjROPUiwY8PxVGOF/5y8g3DiRT3pxYhv7jt+JtK9pzY99+4HaLx/p1l6q934oPpcMXdeYCbewz1nwM/Iynnsd62eRh91M' +
  'tcDg7RrW6rh3Bus8arj8nCaOJ/vjZy7Sm5/RAH5S++s4v4KRS+tYn9/uGRims5/y1jG39BZTbDc6O/Ekh+1FlGsoW6lwPvr5nsv0z0f6X8i8YqhGSJ5qpLr9' +
  'x1NXprf/KPdIsol7wYRjOfeO5ynHjine9+O0Z4cZ3bKrOJLaFbSjif50vCijDQ0e/b3xA3CG+OQbP61XZHryo/m28f5B2puf+FrA661f3q2ehK+Lg733S8e2' +
  'ZixbdcWJn1PwPDLxCnrejZcS1GAJ107ZbQHrBkZQj5vg42eBeJHpk5/w7/JzeLA3P3dxnQ2UI5TioHOf1q+VE3CAE19//DkeKyefvvuhgWcu/tRPh8SprZuf' +
  'pPM4ZnZwo+zmzf3WcyT5oPDbO0/shDxPBvHxWvav/VNiGq7ftU+yyz5TNdNkVTu0fZqtyDXN5jwaxvmKWc8fWjnGn6m/+HryI8rtX+LvHtpj+0m4vh4T72IC' +
  'Avfl/T8X/v4flkeDnp93c93x5SGUMd/zytuWgvF/jMd/rTzQd/zLo+67Z766SnFlj+Y5BXDplJcPaI7DXHg+8PKNhLlGh1UsKVNOY0nvUAuYYxb4s5DSkXH+' +
  'aR7ZHhIcExAQEBAQEBAQEBAQELj/+BOnSvvXADAAAA=='
