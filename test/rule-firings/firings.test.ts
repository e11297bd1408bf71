import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sharedData } from '../shared-data.ts'
import { baseline, bySource, firings, withoutTwins } from './firings.ts'

const folder = sharedData('sigma-regression')
/** Folders of a checkout of published rules, joined by ":"; they are not part of the repository. */
const rules = process.env['BAROGRAPH_SIGMA_RULES']?.split(':')

const labels = () =>
  JSON.parse(readFileSync(sharedData('sigma-regression', 'labels.json') ?? '', 'utf8')) as readonly {
    readonly file: string
    readonly rule_id: string
  }[]

describe.skipIf(folder === undefined)('what published rules say of their own test events', () => {
  test('the baseline names the rule of every set', () => {
    const reviewed = baseline()
    const missing = labels().filter(
      ({ file, rule_id: id }) => !reviewed.some(pair => pair.startsWith(`${file}\t`) && pair.endsWith(`\t${id}`)),
    )
    expect(missing).toEqual([])
  })

  test.skipIf(rules === undefined)(
    'every firing is as reviewed, with index and without, from event log and JSON (BAROGRAPH_SIGMA_RULES names the rules)',
    { timeout: 180_000 },
    async () => {
      const { pairs, fullScan } = await firings(rules ?? [], folder ?? '')
      expect(withoutTwins(pairs)).toEqual(baseline())
      expect(pairs).toEqual(fullScan)
      const { evtx, json } = bySource(pairs)
      expect(json).toEqual(evtx)
    },
  )
})
