import { type EventQueries, isAddress, isMachineName } from '../../model/index.ts'
import { clockBook } from '../clocks/clock-book.ts'
import { clockUnits, isSensor } from '../clocks/units.ts'
import { ownAddresses } from './sightings.ts'

/** A machine that recorded something itself: its name as its logs write it, what wrote them, and the addresses they show to be its own. */
export interface RecordedMachine {
  readonly machine: string
  readonly products: readonly string[]
  readonly addresses: readonly string[]
}

/** Addresses told of one machine; a lease a day for a year would hide the rest of a list. */
const MOST_ADDRESSES = 5

/** The machines whose own records are in a case, sorted by name; what a sensor on the wire wrote is no machine's own. */
export async function recordedMachines(queries: EventQueries): Promise<readonly RecordedMachine[]> {
  const units = (await clockUnits(queries)).filter(unit => !isSensor(unit) && isMachineName(unit.host) && !isAddress(unit.host))
  const byName = Map.groupBy(units, unit => unit.host.toLowerCase())
  const own = await ownAddresses(queries, [...new Set(units.map(unit => unit.host))].sort(), clockBook(units, [], []))
  const addresses = Map.groupBy(own, entry => entry.name.toLowerCase())
  return [...byName]
    .map(([machine, logs]) => ({
      machine,
      products: [...new Set(logs.flatMap(unit => unit.products))].filter(product => product !== '').sort(),
      addresses: [...new Set((addresses.get(machine) ?? []).map(entry => entry.address))].sort().slice(0, MOST_ADDRESSES),
    }))
    .toSorted((a, b) => (a.machine < b.machine ? -1 : 1))
}
