import { expect, test } from 'vitest'
import type { SetDetector } from '../model/index.ts'
import type { CaseQueries } from '../store/index.ts'
import { JUDGING_STOPPED, setFindings } from './set-findings.ts'

const detector = (id: string) =>
  ({ id, on: 'set', reads: ['authentication'], finding: () => undefined }) as unknown as SetDetector

/** Queries that answer nothing and note who asks. */
function queriesNoting(asked: string[]): CaseQueries {
  return {
    kindsPresent: async () => new Set(['authentication']),
    keepPrepared: async () => undefined,
    ask: async ({ id }: SetDetector) => {
      asked.push(id)
      return []
    },
    ranAgain: 0,
  } as unknown as CaseQueries
}

test('detectors whose turn comes when somebody waits for the report are named as not asked', async () => {
  const asked: string[] = []
  const all = ['first', 'second', 'third'].map(detector)
  const { failures } = await setFindings(all, queriesNoting(asked), () => asked.length > 0)
  expect(asked).toEqual(['first'])
  expect(failures.map(({ code, message }) => [code, message])).toEqual([
    [
      JUDGING_STOPPED,
      'the hunt was stopped before these detectors were asked, and what they look for was not looked for: second, third',
    ],
  ])
})
