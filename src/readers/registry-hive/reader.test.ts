import { describe, expect, test } from 'vitest'
import { bytesPart, bytesSample, readPart } from '../../../test/bytes-part.ts'
import { type MadeKey, madeHive, madeSystem } from '../../../test/made-hive.ts'
import { reader } from './reader.ts'

const read = (bytes: Uint8Array, path = 'C/Windows/System32/config/SYSTEM') => readPart(reader, bytesPart(bytes, { path }))
const told = (bytes: Uint8Array) =>
  read(bytes).events.map(event => {
    switch (event.kind) {
      case 'service_activity':
        return `${event.action} ${event.name} ${event.path} ${event.startType} ${event.account}`
      case 'registry_activity':
        return `${event.action} ${event.key} ${event.valueName} = ${event.value}`
      case 'other_activity':
        return event.message
      default:
        return event.kind
    }
  })

describe('registry hives as evidence', () => {
  test('SYSTEM: the machine, services that are processes, port proxies with the time of their key', () => {
    const bytes = madeSystem({ proxy: true })
    expect(reader.recognise(bytesSample(bytes))).toBe(95)
    expect(told(bytes)).toEqual([
      'registry hive, machine dc01.corp.example, time zone Pacific/Port_Moresby',
      'found Spooler %SystemRoot%\\System32\\spoolsv.exe auto LocalSystem',
      'found updsvc C:\\Users\\Public\\upd.exe auto LocalSystem',
      'set-value HKLM\\SYSTEM\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp 0.0.0.0/9999 = 10.20.0.5/3389',
    ])
    const { events, diagnostics } = read(bytes)
    expect(events.map(({ host, time }) => [host, time])).toEqual([
      ['dc01.corp.example', undefined],
      ['dc01.corp.example', 1_676_000_000_000_000],
      ['dc01.corp.example', 1_676_000_000_000_000],
      ['dc01.corp.example', 1_676_355_200_000_000],
    ])
    expect(diagnostics).toEqual([])
  })

  test('SOFTWARE and NTUSER.DAT: what starts by itself', () => {
    const path = (names: readonly string[], leaf: MadeKey): MadeKey =>
      names.reduceRight<MadeKey>((inner, name) => ({ name, keys: [inner] }), leaf)
    const run: MadeKey = {
      name: 'Run',
      changed: 1_676_000_000_000_000,
      values: { Updater: 'C:\\Users\\Public\\u.exe', Count: 3 },
    }
    const debug: MadeKey = { name: 'sethc.exe', values: { Debugger: 'cmd.exe', GlobalFlag: 'x' } }
    const software: MadeKey = {
      name: 'ROOT',
      keys: [
        {
          name: 'Microsoft',
          keys: [
            path(['Windows', 'CurrentVersion'], run),
            path(['Windows NT', 'CurrentVersion', 'Image File Execution Options'], debug),
          ],
        },
      ],
    }
    expect(told(madeHive(software))).toEqual([
      'registry hive',
      'set-value HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run Updater = C:\\Users\\Public\\u.exe',
      'set-value HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\sethc.exe Debugger = cmd.exe',
    ])
    expect(told(madeHive(path(['ROOT', 'Software', 'Microsoft', 'Windows', 'CurrentVersion'], run)))).toEqual([
      'registry hive',
      'set-value HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run Updater = C:\\Users\\Public\\u.exe',
    ])
  })

  test('a hive that was in use is read, and says what is missing', () => {
    const bytes = madeSystem()
    bytes.writeUInt32LE(7, 4)
    const { events, diagnostics } = read(bytes)
    expect(events.length).toBe(3)
    expect(diagnostics.map(({ code }) => code)).toEqual(['registry-hive/not-written-out'])
  })

  test('a hive that ends after its first block is a record of itself', () => {
    expect(told(madeSystem().subarray(0, 4096))).toEqual(['registry hive'])
  })
})
