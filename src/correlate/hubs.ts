import { type EventQueries, MICROS_PER_DAY, numberOf, textOf } from '../model/index.ts'
import { addressOfMachine, type CaseFinding } from './case-finding.ts'
import { rowsFor } from './sql.ts'

/** An address that more machines than this talk to on one day is infrastructure (name servers, update services, proxies). */
const SHARED_BY = 20

/** Addresses of the seeds that much of the network talks to on a day the seeds are about, so that a larger case has the same ones. */
export async function busyAddresses(queries: EventQueries, seeds: readonly CaseFinding[]): Promise<ReadonlySet<string>> {
  const days = new Map<string, Set<number>>()
  for (const seed of seeds) {
    if (!Number.isFinite(seed.from)) continue
    // Recorded time, because that is what the rows are asked by.
    const first = Math.floor((seed.from - seed.offset) / MICROS_PER_DAY)
    const last = Math.floor((seed.to - seed.offset) / MICROS_PER_DAY)
    const addresses = [...seed.peers, ...seed.machines.map(addressOfMachine).filter(address => address !== undefined)]
    for (const address of addresses) {
      const known = days.get(address) ?? new Set<number>()
      for (let day = first; day <= last && known.size < 400; day++) known.add(day)
      days.set(address, known)
    }
  }
  const side = (address: string, other: string, list: string) => `
    select ${address} as address, ${other} as other, cast(floor("time" / ${MICROS_PER_DAY}) as bigint) as day
    from network_activity where ${address} in (${list}) and "time" is not null`
  const rows = await rowsFor(
    queries,
    days.keys(),
    (list, sql) => `
      select address, day, count(distinct other) as others from (${side('"srcIp"', '"dstIp"', list)} union all ${side('"dstIp"', '"srcIp"', list)}) as s
      where ${sql.isInternalAddress('other')} group by address, day having count(distinct other) > ${SHARED_BY} order by address, day`,
  )
  return new Set(
    rows.filter(row => days.get(textOf(row, 'address'))?.has(numberOf(row, 'day'))).map(row => textOf(row, 'address')),
  )
}
