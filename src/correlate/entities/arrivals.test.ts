import { describe, expect, test } from 'vitest'
import { ItemBuilder } from '../../../test/case-events.ts'
import { storeItems } from '../../../test/contract/event-store.ts'
import { clockBook } from '../clocks/clock-book.ts'
import { clockUnits } from '../clocks/units.ts'
import { arrivalMatches } from './arrivals.ts'

const DAY = Date.parse('2024-03-04T00:00:00Z')
const iso = (minute: number, second = 0) => new Date(DAY + minute * 60_000 + second * 1000).toISOString()

/** Connections that a sensor saw, and the log-ons and requests that machines wrote down of them. */
class Traffic {
  readonly sensor = new ItemBuilder('zeek/conn.log')
  readonly #logs = new Map<string, ItemBuilder>()
  #port = 40_000

  connect(minute: number, client: string, server: string, port: number, second = 0): this {
    this.sensor.add(
      iso(minute, second),
      {
        kind: 'network_activity',
        action: 'flow',
        srcIp: client,
        srcPort: this.#port++,
        dstIp: server,
        dstPort: port,
        protocol: 'tcp',
      },
      { product: 'zeek', code: 'conn', series: 'zeek||conn' },
    )
    return this
  }

  logon(minute: number, host: string, client: string, second = 1): this {
    this.#log(host).add(
      iso(minute, second),
      { kind: 'authentication', action: 'logon', outcome: 'success', user: 'SITE\\a.person', srcIp: client, logonType: 3 },
      { host, product: 'security', code: '4624' },
    )
    return this
  }

  request(minute: number, log: string, client: string, second = 1): this {
    this.#log(log).add(
      iso(minute, second),
      { kind: 'http_activity', clientIp: client, method: 'GET', path: '/', query: '', status: 200 },
      { product: 'access-log', series: `access-log||${log}` },
    )
    return this
  }

  /** "machine address agreeing/arrivals" of each machine that was found. */
  async found(): Promise<readonly string[]> {
    const store = await storeItems([this.sensor.item(), ...[...this.#logs.values()].map(log => log.item())])
    try {
      const units = await clockUnits(store)
      const logs = units
        .filter(unit => unit.path !== 'zeek/conn.log')
        .map(unit => ({ unit, machine: unit.host === '' ? unit.path : unit.host }))
      const matches = await arrivalMatches(store, logs, units, clockBook(units, [], []))
      return matches.map(match => `${match.machine} ${match.address} ${match.agreeing}/${match.arrivals}`)
    } finally {
      store.close()
    }
  }

  #log(name: string): ItemBuilder {
    const known = this.#logs.get(name) ?? new ItemBuilder(`${name}.log`)
    this.#logs.set(name, known)
    return known
  }
}

describe('the address of a machine by who came to it', () => {
  test('a log-on and a connection at the same seconds, several times', async () => {
    const traffic = new Traffic()
    for (const [index, client] of ['10.0.2.11', '10.0.2.12', '10.0.2.13', '10.0.2.11'].entries())
      traffic.connect(60 * index, client, '10.0.1.30', 445).logon(60 * index, 'fs01', client)
    // The same people use the mail server, at other times.
    for (const [index, client] of ['10.0.2.11', '10.0.2.12', '10.0.2.13'].entries())
      traffic.connect(60 * index + 25, client, '10.0.1.40', 443)
    expect(await traffic.found()).toEqual(['fs01 10.0.1.30 4/4'])
  })

  test('a web log that does not say whose it is', async () => {
    const traffic = new Traffic()
    for (let visit = 0; visit < 6; visit++) {
      const client = `198.51.100.${10 + visit}`
      traffic.connect(30 * visit, client, '10.0.1.20', 443).request(30 * visit, 'access', client)
      traffic.request(30 * visit + 2, 'access', client)
    }
    expect(await traffic.found()).toEqual(['access.log 10.0.1.20 6/6'])
  })

  test('the ticket that comes with each log-on is the domain controller’s, once that is known', async () => {
    const traffic = new Traffic()
    for (let index = 0; index < 8; index++) {
      const client = `10.0.2.${11 + index}`
      traffic.connect(60 * index, client, '10.0.1.10', 88).logon(60 * index, 'dc01', client)
      traffic.connect(60 * index, client, '10.0.1.30', 445, 2).logon(60 * index, 'fs01', client, 3)
      // Tickets are asked for other things as well.
      traffic.connect(60 * index + 20, client, '10.0.1.10', 88).logon(60 * index + 20, 'dc01', client)
      traffic.connect(60 * index + 20, client, '10.0.1.40', 25, 1)
    }
    expect(await traffic.found()).toEqual(['dc01 10.0.1.10 16/16', 'fs01 10.0.1.30 8/8'])
  })

  test.each<readonly [string, (traffic: Traffic) => void]>([
    [
      'two log-ons are too few',
      traffic => {
        for (const minute of [0, 60]) traffic.connect(minute, '10.0.2.11', '10.0.1.30', 445).logon(minute, 'fs01', '10.0.2.11')
      },
    ],
    [
      'clients that are at the proxy all day',
      traffic => {
        for (let minute = 0; minute < 900; minute += 1) traffic.connect(minute, '10.0.2.11', '10.0.1.80', 3128, 58)
        for (let index = 1; index < 6; index++) traffic.logon(index * 120, 'fs01', '10.0.2.11', 5)
      },
    ],
    [
      'two addresses that are always asked together',
      traffic => {
        for (let index = 0; index < 6; index++)
          traffic
            .connect(60 * index, `10.0.2.${index + 1}`, '10.0.1.30', 445)
            .connect(60 * index, `10.0.2.${index + 1}`, '10.0.1.31', 445)
            .logon(60 * index, 'fs01', `10.0.2.${index + 1}`)
      },
    ],
    [
      'two servers behind one address',
      traffic => {
        for (let index = 0; index < 6; index++)
          traffic
            .connect(60 * index, `10.0.2.${index + 1}`, '10.0.1.30', 443)
            .request(60 * index, 'one', `10.0.2.${index + 1}`)
            .request(60 * index, 'two', `10.0.2.${index + 1}`)
      },
    ],
    [
      'most arrivals came by other ways',
      traffic => {
        for (let index = 0; index < 10; index++) {
          const client = `10.0.2.${index + 1}`
          traffic.connect(60 * index, client, index < 4 ? '10.0.1.30' : `10.0.9.${index}`, 445).logon(60 * index, 'fs01', client)
        }
      },
    ],
  ])('nobody is named: %s', async (_name, fill) => {
    const traffic = new Traffic()
    fill(traffic)
    expect(await traffic.found()).toEqual([])
  })
})
