import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { walkEvidence } from './walk.ts'

/** Six pieces with holes between them, and a second file; packed by `tar -S` of GNU tar 1.34 in its own and in the POSIX format. */
const GNU = gunzipSync(
  Buffer.from(
    [
      'H4sIAAAAAAACA+3dS07DMBAA0LDlFDlBFSeps+Z7AU5QRPlIVSOl5f5UYdNCKAvk4krvbRyNI08y1qzntV8tN7PHt3WRTrUT23Zcd76sMc6rpghtG2OsutCG',
      'oqrrrumK8qE4gffNdjGUZTH0/fbYe7/t/6k6hxUJe8/z6Xiof4h33+IXn1WuxjJPZ6/b6dOaMB2PB/c4HryfZP+PyNsVJKCzAAAA8nINCegsAACAvNxAAjoL',
      'AAAgL7eQgM4CAADIyx0koLMAAADycg8J6CwAAAAAAADO0XL9dNbfv3jeLofZqn9JmOP4/Mdx93D+YwhNnBflSaYH/vv8xwzu/1IfAwAAAAAAAAAAAMA5+ACq',
      '2qyKAKAAAA==',
    ].join(''),
    'base64',
  ),
)
const POSIX = gunzipSync(
  Buffer.from(
    [
      'H4sIAAAAAAACA+3dvY7TQBQGUNd+ijyBdzyeTJIiBX9LR4N4ACMMBGUT5ARpxdPjXQW0pGArR444p7CvZizNWFdffe+L8YVBTunxPTh/hzotijqlnHNY1Kke',
      '1nMT62J2f4G7FT8Ox7Yfjiz+TzHO3r77UB2+t/2hq+7ab/t+XZdnq5vdsBrKuHq6umvvuvXX/bY7VB83u7IJTzf7rt0eNj+7dXxocFMWTFN1M3Tt/WPTbjfb',
      'roopxebmT1svkP+8mIfm7/zXuY7zYhYumf9+vz/+67vn9s9/7kosy1CmsMplDGl5Kh8epzIPfTmVy3oVT2UdYgq/69XQtmXZNKt5eQp7EPer8QJGIFkAAADT',
      '8hJGIFkAAADT8gpGIFkAAADT8hpGIFkAAADT8gZGIFkAAADTcgsjkCwAAAAAAACuUbf7dNX3bz8fu77a7r+MeMZz81+H3bP5jzFn8x8v13/zGgEAAAAAAAAA',
      'AOCq/ALUq815AKAAAA==',
    ].join(''),
    'base64',
  ),
)

function holes(): Buffer {
  const all = Buffer.alloc(200_003)
  for (let i = 0; i < 6; i++) all.fill(65 + i, i * 20_480, i * 20_480 + 600)
  all.write('end', 200_000)
  return all
}

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'barograph-sparse-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function walk(bytes: Uint8Array) {
  const file = join(folder, 'x.tar')
  writeFileSync(file, bytes)
  const items: { path: string; content: Buffer; note: string; codes: string[] }[] = []
  for await (const found of walkEvidence([file], { spillDirectory: join(folder, 'spill') }))
    items.push({
      path: found.path,
      content: found.file === '' ? Buffer.alloc(0) : readFileSync(found.file),
      note: found.note,
      codes: found.diagnostics.map(({ code, message }) => `${code} ${message}`),
    })
  return items
}

describe('files with holes in a tar', () => {
  test.each([
    ["GNU's format", GNU],
    ['the POSIX format', POSIX],
  ])('%s: contents as they were, and what follows is read', async (_name, bytes) => {
    const items = await walk(bytes)
    expect(items.map(({ path, codes }) => [path, codes])).toEqual([
      ['x.tar!/holes.bin', []],
      ['x.tar!/after.log', []],
    ])
    expect(items[0]?.content.equals(holes())).toBe(true)
    expect(items[1]?.content.toString()).toBe('after\n')
  })

  test('a map that cannot be, and gigabytes of holes, are said and cost the other members nothing', async () => {
    const bytes = Buffer.from(POSIX)
    const at = bytes.indexOf('GNU.sparse.realsize=200003')
    bytes.write('000003', at + 'GNU.sparse.realsize='.length)
    const items = await walk(bytes)
    expect(items.map(({ path }) => path)).toEqual(['x.tar!/holes.bin', 'x.tar!/after.log'])
    expect(items[0]?.codes.join()).toContain('the map of a sparse file contradicts itself')
    expect(items[1]?.content.toString()).toBe('after\n')

    const far = Buffer.from(GNU)
    far.write('77777777777\0', 483, 'latin1')
    const sum = far.subarray(0, 512).reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0)
    far.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    const [first, second] = await walk(far)
    expect(first?.codes.join()).toContain('nearly all of them holes; it is read to byte 200003')
    expect(first?.content.length).toBe(200_003)
    expect(second?.content.toString()).toBe('after\n')
  })

  test('changed bytes end without a throw', async () => {
    const edits = fc.array(fc.tuple(fc.nat(2047), fc.nat(255)), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(GNU, POSIX), edits, async (whole, changes) => {
        const bytes = Uint8Array.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        expect((await walk(bytes)).length).toBeGreaterThan(0)
      }),
      { numRuns: 60 },
    )
  })
})
