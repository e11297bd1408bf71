import { describe, expect, test } from 'vitest'
import { type GridRow, grid, seriesOf } from '../../../test/beacon-grid.ts'
import { flow } from '../../../test/network-events.ts'
import { ritaScore } from '../../../test/rita-score.ts'
import { foundBy } from '../../../test/set-detector.ts'
import { beacon } from './beacon.ts'

const SERIES = 30
/** From here on RITA shows a beacon as of medium severity. */
const RITA_SHOWS = 0.7

async function sharesOf(row: GridRow): Promise<{ readonly ours: number; readonly ritas: number }> {
  const all = seriesOf(row, SERIES)
  const events = all.flatMap(({ times, sizes }, series) =>
    times.map((time, i) => flow(time, `10.9.${series}.5`, `203.0.113.${series + 1}`, 443, { bytesOut: sizes[i] ?? 0 })),
  )
  // RITA looks at the last day only.
  const last = (row.days - 1) * 86_400
  const shown = all.filter(({ times, sizes }) => {
    const kept = times.map((time, i) => [time - last, sizes[i] ?? 0] as const).filter(([time]) => time >= 0)
    return (
      ritaScore(
        kept.map(([time]) => time),
        kept.map(([, size]) => size),
      ) >= RITA_SHOWS
    )
  })
  return { ours: (await foundBy(beacon, events)).length / SERIES, ritas: shown.length / SERIES }
}

describe('the grid', () => {
  test.each(grid.map(row => [row.name, row] as const))('%s', async (_name, row) => {
    const { ours, ritas } = await sharesOf(row)
    console.log(
      `${row.beacon ? 'beacon' : 'chance'}  ${row.name.padEnd(36)} ours ${Math.round(ours * 100)} %, RITA's score at 0.70 ${Math.round(ritas * 100)} %`,
    )
    if (row.beacon) expect(ours).toBeGreaterThanOrEqual(0.95)
    else expect(ours).toBe(0)
    // As many beacons and as few others as RITA, in each row.
    expect(row.beacon ? ours >= ritas : ours <= ritas).toBe(true)
  })
})
