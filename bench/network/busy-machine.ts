// Writes the segments of one machine with so many connections in a day, every fiftieth of them passed on, and says which:
// node busy-machine.ts FLOWS RELAYED DIRECTORY. A process of its own, so that what it holds is not counted as memory of pairing.
import { SegmentWriter } from '../../src/store/index.ts'
import { relayedTraffic } from '../../test/relayed-traffic.ts'

const [flows = '0', relayed = '0', directory = '.'] = process.argv.slice(2)
const writer = new SegmentWriter(directory, 'busy')
const shape = {
  seed: 1,
  seconds: 86_400,
  relayed: Number(relayed),
  decoys: Math.floor(Number(flows) / 2) - Number(relayed),
  roundTrip: 0.05,
}
for (const event of relayedTraffic(shape).events) writer.append(event)
console.log(JSON.stringify((await writer.finish()).segments))
