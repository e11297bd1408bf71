import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type HuntOptions, hunt, query, silentListener } from './index.ts'

let directory: string
let disk: string | undefined
let calm: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-full-'))
  mkdirSync(join(directory, 'evidence'))
  for (let day = 10; day < 15; day++) writeFileSync(join(directory, 'evidence', `access.log.${day}`), accessLog(day))
  await hunt(options(join(directory, 'calm')), silentListener)
  calm = readFileSync(join(directory, 'calm', 'report.json'), 'utf8')
  disk = smallDisk()
})

afterAll(() => {
  if (disk !== undefined) execFileSync('umount', [disk])
  rmSync(directory, { recursive: true, force: true })
})

/** Undefined where it cannot be made (not Linux, not root, or no right to mount). */
function smallDisk(): string | undefined {
  const place = join(directory, 'disk')
  mkdirSync(place)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', place], { stdio: 'ignore' })
    return place
  } catch {
    return undefined
  }
}

function accessLog(day: number): string {
  return Array.from({ length: 300 }, (_, index) => {
    const clock = `04:${String(Math.floor(index / 60)).padStart(2, '0')}:${String(index % 60).padStart(2, '0')}`
    return `198.51.100.${index % 200} - - [${day}/Aug/2023:${clock} +0000] "GET /${day}/${index * 7919} HTTP/1.1" 200 5 "-" "-"\n`
  }).join('')
}

function options(caseDirectory: string): HuntOptions {
  const evidence = [join(directory, 'evidence')]
  const nothing = { rules: [], sources: [], assets: undefined, since: undefined, until: undefined }
  return { ...nothing, evidence, caseDirectory, jobs: 1, command: 'test' }
}

// Where it runs out of space: making the database, its log, committing parts, writing segments, writing the report.
test.for([8, 40, 150, 260])(
  'with %d KiB left the disk is said to be full, and with more space the hunt goes on',
  async (left, context) => {
    if (disk === undefined) {
      context.skip('needs the right to mount a small disk')
      return
    }
    const place = join(disk, 'case')
    rmSync(place, { recursive: true, force: true })
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - left * 1024))
    await expect(hunt(options(place), silentListener)).rejects.toMatchObject({ code: 'case/disk-full' })
    expect(existsSync(join(place, 'report.json'))).toBe(false)
    const readable = await counted(place)
    expect([0, 300, 600, 900, 1_200, 1_500, 'case/not-found']).toContain(readable)
    rmSync(join(disk, 'ballast'))
    const { report } = await hunt(options(place), silentListener)
    expect(report?.coverage).toMatchObject({ events: 1_500, partial: false })
    expect(readFileSync(join(place, 'report.json'), 'utf8')).toBe(calm)
    expect(readdirSync(join(place, 'tmp'))).toEqual([])
  },
)

/** Events the case gives out, or why it does not. */
async function counted(place: string): Promise<unknown> {
  try {
    for await (const row of query(place, 'select count(*) as n from http_activity')) return row['n']
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return 'nothing'
}
