import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Engine } from './engine.ts'

const directory = mkdtempSync(join(tmpdir(), 'barograph-engine-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** One list of some forty megabytes cannot spill. */
const LONG_LIST = `select len(list('${'x'.repeat(20)}' || i)) as n from range(700000) t(i)`

test('a statement that lacks memory is run again with more, and the next one has the usual limit again', async () => {
  const engine = await Engine.open({ threads: 1, memoryMegabytes: 24, mostMegabytes: 1_024, temporaryDirectory: directory })
  try {
    await engine.confine([directory])
    expect(await engine.rows(LONG_LIST)).toEqual([{ n: 700_000 }])
    expect(engine.ranAgain).toBe(1)
    const [limit] = await engine.rows("select current_setting('memory_limit') as megabytes")
    expect(limit).toEqual({ megabytes: '22.8 MiB' })
    await expect(engine.run("set temp_directory = '/'")).rejects.toThrow('locked')
  } finally {
    engine.close()
  }
})

test('so are results in batches, as long as none was handed out', async () => {
  const engine = await Engine.open({ threads: 1, memoryMegabytes: 24, mostMegabytes: 1_024, temporaryDirectory: directory })
  try {
    const rows = []
    for await (const batch of engine.batches(LONG_LIST)) rows.push(...batch)
    expect(rows).toEqual([{ n: 700_000 }])
    expect(engine.ranAgain).toBe(1)
  } finally {
    engine.close()
  }
})

test('without a higher limit it fails', async () => {
  const engine = await Engine.open({ threads: 1, memoryMegabytes: 24, temporaryDirectory: directory })
  try {
    await expect(engine.rows(LONG_LIST)).rejects.toThrow('Out of Memory')
    expect(engine.ranAgain).toBe(0)
  } finally {
    engine.close()
  }
})
