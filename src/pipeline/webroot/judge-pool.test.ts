import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { JudgePool } from './judge-pool.ts'

const folder = mkdtempSync(join(tmpdir(), 'judge-pool-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a batch gives one outcome a file, in order, whatever the files are', async () => {
  writeFileSync(join(folder, 'a.txt'), 'words')
  writeFileSync(join(folder, 'b.gz'), Buffer.from('1f8b0800', 'hex'))
  const pool = new JudgePool(1, undefined)
  try {
    const outcomes = await pool.judge(['a.txt', 'gone.txt', 'b.gz'].map(name => ({ path: name, file: join(folder, name) })))
    expect(outcomes.map(({ state }) => state)).toEqual(['judged', 'unreadable', 'container'])
    expect(await pool.judge([])).toEqual([])
  } finally {
    await pool.close()
  }
})

test('nothing more is judged once it was stopped', async () => {
  const pool = new JudgePool(1, AbortSignal.abort())
  try {
    expect(await pool.judge([{ path: 'a', file: join(folder, 'a.txt') }])).toEqual([])
  } finally {
    await pool.close()
  }
})
