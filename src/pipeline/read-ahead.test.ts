import { expect, test } from 'vitest'
import type { Reader, SourceFacts } from '../model/index.ts'
import { readingOf } from './item-names.ts'
import type { FoundItem } from './look.ts'
import { silentListener } from './progress.ts'
import { ReadAhead, readTask } from './read-ahead.ts'
import type { ReadTask } from './worker-task.ts'

function found(path: string, format: string, bytes = 100): FoundItem {
  const reader = { format, version: 1, split: { by: 'lines' } } as Reader
  return { path, file: path, bytes, reader, encoding: 'utf-8' } as FoundItem
}

const range = { start: 0, end: 100, firstLine: 1, headerLines: [] }

/** A look in which every item is read ahead by a pool that says of each task only its name. */
function aLook(facts: SourceFacts = {}, longLook = 0) {
  const read: string[] = []
  const told: string[] = []
  const pool = {
    survey: async ({ file }: { readonly file: string }) => ({
      survey: { sha256: Buffer.from(file).toString('hex').padEnd(64, '0'), bytes: 100, lines: 1, parts: [range] },
    }),
    read: async (task: ReadTask) => {
      read.push(task.plan.path)
      const written = { segments: [], events: 1, records: 1, hits: 0, firstTime: undefined, lastTime: undefined }
      const early = [{ severity: 'high' as const, rule: 'r', title: 't', host: 'web01', path: task.plan.path }]
      return { written, outcome: { diagnostics: [], early } }
    },
  }
  const ahead = new ReadAhead(
    {
      pool,
      caseDirectory: '/nowhere',
      watchersDigest: 'rules',
      listener: { ...silentListener, found: ({ path }) => told.push(path) },
      facts: () => ({ of: () => facts }),
      isLeftOut: ({ path }) => path === 'done before',
    },
    longLook,
  )
  return { ahead, read, told }
}

test('small telling items are read and told while the evidence is looked through', async () => {
  const { ahead, read, told } = aLook()
  const items = [
    found('auth.log', 'syslog'),
    found('access.log', 'access-log'),
    found('large.evtx', 'evtx', 9 << 20),
    found('done before', 'syslog'),
    { ...found('unknown', 'syslog'), reader: undefined },
    found('shell.php', 'script'),
  ]
  for (const item of items) ahead.offer(item)
  await ahead.end()
  expect([read, told]).toEqual([['auth.log'], ['auth.log']]) // the second was not begun: the look was over
  expect(ahead.items().map(({ path }) => path)).toEqual(['auth.log'])
})

test('a look that does not take long reads nothing ahead', async () => {
  const { ahead, read } = aLook({}, 60_000)
  ahead.offer(found('auth.log', 'syslog'))
  await ahead.end()
  expect(read).toEqual([])
})

test.each([
  ['the same facts', { host: 'web01' }, true],
  ['a host that was found later', { host: 'web02' }, false],
])('what was read ahead counts with %s', async (_name, facts, counts) => {
  const { ahead } = aLook({ host: 'web01' })
  const item = found('auth.log', 'syslog')
  ahead.offer(item)
  await ahead.end()
  const sha256 = ahead.surveyOf(item)?.sha256 ?? ''
  const known = { evidence: sha256.slice(0, 16), path: item.path, facts, format: 'syslog' } as Parameters<typeof readTask>[1]
  const task = readTask(item, { ...known, reading: readingOf(item.reader, facts, 'rules') }, 0, range)
  expect(ahead.take(task) !== undefined).toBe(counts)
  expect(ahead.take(task)).toBeUndefined() // once
})
