import { chance } from './network-events.ts'

/** Traffic of one kind: whether it is a beacon, over how many days, and one series of it. */
export interface GridRow {
  readonly name: string
  readonly beacon: boolean
  readonly days: number
  series(random: () => number): { readonly times: readonly number[]; readonly sizes: readonly number[] }
}

const DAY = 86_400
const HOUR = 3_600

/** Calls every `interval` seconds, each off by up to `jitter` of it to either side, in the given hours of the day. */
function calls(random: () => number, interval: number, jitter: number, days: number, from = 0, until = 24): number[] {
  const times: number[] = []
  for (let day = 0; day < days; day++) {
    let time = day * DAY + from * HOUR + random() * interval
    while (time < day * DAY + until * HOUR) {
      times.push(time)
      time += interval * (1 + (random() * 2 - 1) * jitter)
    }
  }
  return times
}

function atRandom(random: () => number, perDay: number, days = 1): number[] {
  const times: number[] = []
  for (let time = 0; ; ) {
    time += (-Math.log(1 - random()) * DAY) / perDay
    if (time >= days * DAY) return times
    times.push(time)
  }
}

function inBursts(random: () => number): number[] {
  const times: number[] = []
  for (let time = 8 * HOUR; time < 18 * HOUR; time += 300 + random() * 3000) {
    let inside = time
    for (let left = 3 + random() * 30; left > 0; left--) {
      inside += random() * random() * 40
      times.push(inside)
    }
  }
  return times
}

const same = (times: readonly number[]) => ({ times, sizes: times.map(() => 640) })
const varied = (times: readonly number[], random: () => number) => ({
  times,
  sizes: times.map(() => 200 + Math.floor(10 ** (2 + random() * 3))),
})

/** The kinds of traffic that a beacon detector must tell apart. */
export const grid: readonly GridRow[] = [
  { name: 'every 60 s', beacon: true, days: 1, series: random => same(calls(random, 60, 0, 1)) },
  { name: 'every 60 s +-30 %', beacon: true, days: 1, series: random => same(calls(random, 60, 0.3, 1)) },
  { name: 'every 60 s +-90 %', beacon: true, days: 1, series: random => same(calls(random, 60, 0.9, 1)) },
  { name: 'every 60 s +-50 %, sizes vary', beacon: true, days: 1, series: random => varied(calls(random, 60, 0.5, 1), random) },
  { name: 'every 4 h +-20 %, three days', beacon: true, days: 3, series: random => same(calls(random, 4 * HOUR, 0.2, 3)) },
  { name: 'every 60 s, three hours a day', beacon: true, days: 1, series: random => same(calls(random, 60, 0.1, 1, 2, 5)) },
  { name: 'every 60 s +-30 %, office hours', beacon: true, days: 1, series: random => same(calls(random, 60, 0.3, 1, 8, 18)) },
  { name: 'at random, 24 a day, one size', beacon: false, days: 1, series: random => same(atRandom(random, 24)) },
  { name: 'at random, 200 a day, one size', beacon: false, days: 1, series: random => same(atRandom(random, 200)) },
  { name: 'at random, 2000 a day, sizes vary', beacon: false, days: 1, series: random => varied(atRandom(random, 2000), random) },
  { name: 'at random, 6 a day, three days', beacon: false, days: 3, series: random => same(atRandom(random, 6, 3)) },
  { name: 'people in bursts', beacon: false, days: 1, series: random => varied(inBursts(random), random) },
]

/** `count` series of a row, always the same. */
export function seriesOf(row: GridRow, count: number): readonly ReturnType<GridRow['series']>[] {
  const random = chance(grid.indexOf(row) + 1)
  return Array.from({ length: count }, () => row.series(random))
}
