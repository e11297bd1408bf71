import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sharedData } from '../../test/shared-data.ts'
import { zipBytes } from '../../test/zip-bytes.ts'
import { isoFromMicros } from '../model/index.ts'
import type { EvidenceFile } from './evidence-file.ts'
import { UNPACK_LIMITS } from './limits.ts'
import { shownNames, type WalkOptions, walkEvidence } from './walk.ts'

let top = ''
let root = ''
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'walk-'))
})
beforeEach(() => {
  root = mkdtempSync(join(top, 'case-'))
})
afterAll(() => rmSync(top, { recursive: true, force: true }))

/** Writes files below `root/given`; returns that folder. */
function given(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = join(root, 'given')
  mkdirSync(folder, { recursive: true })
  for (const [name, data] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), data)
  }
  return folder
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

async function walk(paths: string | readonly string[], options: Partial<WalkOptions> = {}): Promise<EvidenceFile[]> {
  return all(walkEvidence([paths].flat(), { spillDirectory: join(root, 'spill'), ...options }))
}

/** path, state and content of each item. */
const told = (items: readonly EvidenceFile[]) =>
  items.map(({ path, state, file, note }) => `${path} ${state} ${state === 'readable' ? readFileSync(file, 'latin1') : note}`)
const codes = (items: readonly EvidenceFile[]) => items.flatMap(({ diagnostics }) => diagnostics.map(({ code }) => code))

async function tar(entries: Readonly<Record<string, string>>, mtime = new Date(0)): Promise<Buffer> {
  const archive = pack()
  for (const [name, data] of Object.entries(entries)) archive.entry({ name, mtime }, data)
  archive.finalize()
  return Buffer.concat(await all(archive))
}

describe('walk', () => {
  test('files and folders in an order that depends on names only, every one accounted for', async () => {
    const folder = given({ 'b.log': 'b', 'a/z.log': 'z', 'a/Z.log': 'Z', empty: '' })
    expect(told(await walk(folder))).toEqual([
      'given/a/Z.log readable Z',
      'given/a/z.log readable z',
      'given/b.log readable b',
      'given/empty empty the file is empty',
    ])
  })

  test('a file given alone, twice, and inside a given folder is one item', async () => {
    const folder = given({ 'x.log': 'x' })
    expect(told(await walk([folder, join(folder, 'x.log'), folder]))).toEqual(['given/x.log readable x'])
    expect(told(await walk([join(folder, 'x.log'), join(folder, 'x.log')]))).toEqual(['x.log readable x'])
  })

  test('a path that is not there is a value', async () => {
    const items = await walk([join(root, 'nowhere'), join(given({ f: 'x' }), 'f', 'below')])
    expect(items.map(({ state }) => state)).toEqual(['unreadable', 'unreadable'])
    expect(codes(items)).toEqual(['evidence/missing-path', 'evidence/missing-path'])
  })

  test('links are not followed, inside or outside, and loops end', async () => {
    const folder = given({ 'a/real.log': 'x' })
    writeFileSync(join(root, 'secret'), 'outside')
    symlinkSync(join(root, 'secret'), join(folder, 'out'))
    symlinkSync('real.log', join(folder, 'a', 'in'))
    symlinkSync('..', join(folder, 'a', 'loop'))
    symlinkSync('nowhere', join(folder, 'broken'))
    const items = await walk(folder)
    expect(items.map(({ path, state, diagnostics }) => [path, state, diagnostics[0]?.level])).toEqual([
      ['given/a/in', 'recognised-not-read', 'note'],
      ['given/a/loop', 'recognised-not-read', 'note'],
      ['given/a/real.log', 'readable', undefined],
      ['given/broken', 'recognised-not-read', 'warning'],
      ['given/out', 'recognised-not-read', 'warning'],
    ])
  })

  test('the case folder inside the evidence is left out', async () => {
    const folder = given({ 'x.log': 'x', 'my-case/report.html': 'r', 'my-case/spill/y': 'y' })
    expect(told(await walk(folder, { exclude: [join(folder, 'my-case')] }))).toEqual(['given/x.log readable x'])
  })

  test('given paths of one name are told apart by the folders above', () => {
    for (const name of ['one/logs', 'two/logs', 'other']) mkdirSync(join(root, name), { recursive: true })
    expect(shownNames([join(root, 'one/logs'), join(root, 'two/logs'), join(root, 'other')])).toEqual([
      'one/logs',
      'two/logs',
      'other',
    ])
  })
})

describe('archives', () => {
  test('zip, tar, gz, zst and nested ones are unpacked under the path a person would write', async () => {
    const inner = zipBytes([{ name: 'deep.log', data: 'deep' }])
    const folder = given({
      'a.zip': zipBytes([
        { name: 'm/', data: '', stored: true },
        { name: 'm/x.log', data: 'x' },
        { name: 'm/stored.log', data: 'stored', stored: true },
        { name: 'inner.zip', data: inner },
        { name: 'n.log.gz', data: gzipSync('n') },
        { name: '../../escape', data: 'e' },
      ]),
      'b.tar': await tar({ './t/y.log': 'y' }),
      'c.tgz': gzipSync(await tar({ 'z.log': 'z', 'w.log.zst': zstdCompressSync(Buffer.from('w')).toString('latin1') })),
      'd.log.gz': Buffer.concat([gzipSync('first '), gzipSync('second')]),
      'e.log.zst': Buffer.concat([zstdCompressSync(Buffer.from('one ')), zstdCompressSync(Buffer.from('two'))]),
      'misnamed.txt': gzipSync('was gzip'),
    })
    expect(told(await walk(folder))).toEqual([
      'given/a.zip!/m/x.log readable x',
      'given/a.zip!/m/stored.log readable stored',
      'given/a.zip!/inner.zip!/deep.log readable deep',
      'given/a.zip!/n.log.gz readable n',
      'given/a.zip!/../../escape readable e',
      'given/b.tar!/t/y.log readable y',
      'given/c.tgz!/z.log readable z',
      expect.stringMatching(/^given\/c\.tgz!\/w\.log\.zst /),
      'given/d.log.gz readable first second',
      'given/e.log.zst readable one two',
      'given/misnamed.txt readable was gzip',
    ])
  })

  test('spilled files lie in the spill directory only, have the same place in every run, and inner archives do not stay', async () => {
    const folder = given({
      'a.zip': zipBytes([
        { name: '../up', data: 'u' },
        { name: 'i.zip', data: zipBytes([{ name: 'j', data: 'j' }]) },
      ]),
    })
    const first = await walk(folder)
    const again = await walk(folder)
    expect(again).toEqual(first)
    expect(first.every(({ file }) => file.startsWith(join(root, 'spill', '')))).toBe(true)
    const kept = readdirSync(join(root, 'spill'), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    expect(kept.length).toBe(2)
  })

  test('a spilled file that a power cut left with other bytes is written again', async () => {
    const folder = given({ 'a.zip': zipBytes([{ name: 'm', data: 'right' }]), 'b.gz': gzipSync('right') })
    for (const { file } of await walk(folder)) writeFileSync(file, '\0\0\0\0\0')
    expect(told(await walk(folder))).toEqual(['given/a.zip!/m readable right', 'given/b.gz readable right'])
  })

  test('a large zip gives its small members first', async () => {
    const folder = given({
      'a.zip': zipBytes([
        { name: 'a/large.log', data: Buffer.alloc(65 << 20, 'a line of a log\n') },
        { name: 'b/page.aspx', data: 'page' },
        { name: 'c/auth.log', data: 'auth log' },
      ]),
    })
    expect((await walk(folder)).map(({ path }) => path)).toEqual([
      'given/a.zip!/b/page.aspx',
      'given/a.zip!/c/auth.log',
      'given/a.zip!/a/large.log',
    ])
  })

  test('a stop ends the unpacking of a large member in the middle, and nothing of it is left', async () => {
    const stopper = new AbortController()
    const folder = given({ 'a.gz': gzipSync(Buffer.alloc(400 << 20, 'a line of a log\n'), { level: 1 }) })
    setTimeout(() => stopper.abort(), 60)
    await expect(walk(folder, { signal: stopper.signal })).rejects.toThrow(/aborted/)
    expect(readdirSync(join(root, 'spill'), { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())).toEqual([])
  })

  test('two members of one name stay two', async () => {
    const folder = given({
      'a.zip': zipBytes([
        { name: 'm', data: '1' },
        { name: 'm', data: '2' },
      ]),
    })
    expect(told(await walk(folder))).toEqual(['given/a.zip!/m readable 1', 'given/a.zip!/m~2 readable 2'])
  })

  test('times from inside the container are kept, never those of the copy', async () => {
    const stamped = gzipSync('x')
    stamped.writeUInt32LE(1_692_071_665, 4)
    const folder = given({
      'a.zip': zipBytes([{ name: 'm', data: 'x', date: ((2023 - 1980) << 9) | (8 << 5) | 15, time: (5 << 11) | (34 << 5) | 12 }]),
      'b.tar': await tar({ m: 'x' }, new Date(Date.UTC(2022, 1, 3))),
      'c.gz': stamped,
      'd.gz': gzipSync('x'),
      'plain.log': 'x',
    })
    for (const name of ['plain.log', 'd.gz']) utimesSync(join(folder, name), 1e9, 1e9)
    const times = (await walk(folder)).map(({ containerTime }) =>
      containerTime === undefined ? '' : isoFromMicros(containerTime),
    )
    expect(times).toEqual(['2023-08-15T05:34:24.000000Z', '2022-02-03T00:00:00.000000Z', '2023-08-15T03:54:25.000000Z', '', ''])
  })

  test('encrypted, oddly packed, damaged and empty ones are said, and what can be read is read', async () => {
    const long = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i * 7919) & 0xff))
    const folder = given({
      'a.zip': zipBytes([
        { name: 'locked', data: 'x', encrypted: true },
        { name: 'odd', data: 'x', method: 9 },
        { name: 'bad-sum', data: 'still text', crc: 1 },
      ]),
      'b.zip': zipBytes([{ name: 'm', data: 'x' }]).subarray(0, -30),
      'c.gz': gzipSync(long, { level: 0 }).subarray(0, -50_000),
      'd.gz': Buffer.concat([gzipSync('whole'), Buffer.from('padding')]),
      'e.zip': zipBytes([]),
      'f.zst': zstdCompressSync(long).subarray(0, 20),
    })
    const items = await walk(folder)
    expect(items.map(({ path, state }) => `${path} ${state}`)).toEqual([
      'given/a.zip!/locked encrypted',
      'given/a.zip!/odd unreadable',
      'given/a.zip!/bad-sum readable',
      'given/b.zip unreadable',
      'given/c.gz readable',
      'given/d.gz readable',
      'given/e.zip empty',
      'given/f.zst unreadable',
    ])
    expect(codes(items)).toEqual([
      'evidence/encrypted-member',
      'evidence/unknown-packing',
      'evidence/damaged',
      'evidence/damaged-archive',
      'evidence/damaged',
      'evidence/empty',
      'evidence/damaged',
    ])
    const [cut] = items.filter(({ path }) => path.endsWith('c.gz'))
    expect(readFileSync(cut?.file ?? '').equals(long.subarray(0, cut?.bytes))).toBe(true)
    expect(cut?.bytes).toBeGreaterThan(140_000)
  })

  test('a bomb, a deep nest and too many members are diagnostics', async () => {
    let nest = zipBytes([{ name: 'core', data: 'x' }])
    for (let i = 0; i < 12; i++) nest = zipBytes([{ name: 'n.zip', data: nest }])
    const folder = given({
      'bomb.gz': gzipSync(Buffer.alloc(3_000_000)),
      'bomb.zip': zipBytes([
        { name: 'z', data: Buffer.alloc(3_000_000) },
        { name: 'small', data: 's' },
      ]),
      'deep.zip': nest,
      'many.zip': zipBytes(Array.from({ length: 30 }, (_, i) => ({ name: `m${i}`, data: 'x' }))),
    })
    const items = await walk(folder, { limits: { ...UNPACK_LIMITS, members: 20, ratio: 50, ratioFloor: 1_000_000 } })
    const problems = items.filter(({ state }) => state !== 'readable')
    expect(problems.map(({ path, diagnostics }) => [path.split('/').at(-1), diagnostics[0]?.code])).toEqual([
      ['bomb.gz', 'evidence/bomb'],
      ['z', 'evidence/bomb'],
      ['small', 'evidence/bomb'],
      ['n.zip', 'evidence/too-deep'],
      ['many.zip', 'evidence/too-many-members'],
    ])
    expect(items.filter(({ path }) => path.includes('many.zip!/')).length).toBe(20)
  })

  test('the space is said before anything is unpacked, once', async () => {
    const folder = given({
      'a.zip': zipBytes([{ name: 'm', data: 'x'.repeat(1000) }]),
      'b.gz': gzipSync('y'.repeat(500)),
      'c.log': 'c',
    })
    const said: number[][] = []
    await walk(folder, { onSpace: (needed, free) => void said.push([needed, free]) })
    expect(said.map(([needed]) => needed)).toEqual([1500])
    expect(said[0]?.[1]).toBeGreaterThan(0)
    const refusal = walk(given({ 'z.zip': zipBytes([{ name: 'm', data: 'x'.repeat(9000) }]) }), {
      onSpace: () => {
        throw new Error('no')
      },
    })
    await expect(refusal).rejects.toThrow('no')
  })

  test('documents and programs that are zips inside are one item; a web archive is unpacked', async () => {
    const manifest = { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n' }
    const folder = given({
      'lib.jar': zipBytes([manifest, { name: 'a/B.class', data: 'x' }]),
      'site.war': zipBytes([manifest, { name: 'WEB-INF/web.xml', data: '<web-app/>' }, { name: 'index.jsp', data: '<p>' }]),
      'text.docx': zipBytes([{ name: '[Content_Types].xml', data: '<Types/>' }]),
    })
    expect((await walk(folder)).map(({ path, state }) => `${path} ${state}`)).toEqual([
      'given/lib.jar readable',
      'given/site.war!/META-INF/MANIFEST.MF readable',
      'given/site.war!/WEB-INF/web.xml readable',
      'given/site.war!/index.jsp readable',
      'given/text.docx recognised-not-read',
    ])
  })
})

test('any bytes, and any change of a true archive, end without a throw and with an item', { timeout: 120_000 }, async () => {
  const seeds = [
    zipBytes([
      { name: 'a', data: 'aaaa' },
      { name: 'b.gz', data: gzipSync('b'.repeat(100)) },
    ]),
    await tar({ 'a.log': 'a'.repeat(600), b: 'b' }),
    gzipSync(await tar({ 'a.log': 'a'.repeat(600) })),
    gzipSync('plain'.repeat(50)),
    Buffer.concat([zstdCompressSync(Buffer.from('plain'.repeat(50))), zstdCompressSync(Buffer.from('x'))]),
  ]
  const mutated = fc
    .record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
    })
    .map(({ seed, changes, cut }) => {
      const bytes = Buffer.from(cut === undefined ? seed : seed.subarray(0, cut % seed.length))
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value
      return bytes
    })
  const random = fc.uint8Array({ maxLength: 2000 }).map(bytes => Buffer.from(bytes))
  const marked = fc
    .tuple(fc.constantFrom('PK\x03\x04', '\x1f\x8b\x08\0', '\x28\xb5\x2f\xfd', 'PK\x05\x06'), random)
    .map(([magic, rest]) => Buffer.concat([Buffer.from(magic, 'latin1'), rest]))
  const file = join(given({}), 'hostile')
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, random, marked), async bytes => {
      writeFileSync(file, bytes)
      const items = await walk(file, { limits: { ...UNPACK_LIMITS, ratioFloor: 50_000_000 } })
      expect(items.length).toBeGreaterThan(0)
      for (const { state, note } of items) expect(state === 'readable' || note !== '').toBe(true)
    }),
    { numRuns: 400 },
  )
})

const shared = sharedData()
test.skipIf(shared === undefined)('the shared evidence is understood to the last file', { timeout: 120_000 }, async () => {
  const items = await walk(shared ?? '')
  expect(items.filter(({ state }) => state !== 'readable').map(({ path, state }) => `${path} ${state}`)).toEqual([])
  expect(new Set(items.map(({ path }) => path)).size).toBe(items.length)
})
