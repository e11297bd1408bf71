import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inflateBzip2 } from './bzip2.ts'
import { walkEvidence } from './walk.ts'

/** 200 lines packed by bzip2 1.0.8. */
const LINES = Buffer.from(
  [
    'QlpoOTFBWSZTWQEdCpgABNbZAEAQQAJ/8AIlUAVeIc8oiUpBK21OKDRn6qVMmApkxMgyMGkH6QSlHqMGg0NEqABFVA9R/6qjeqD1O+g0GBgYGBgYHgMCCCCCCCCC',
    'CCZmZmZmZmZmZmZmZmZmZmZmZmZmfnUBBxe97WtdNJjtaOjYQCAbDQHBkBJgApYAJMgODQGwgEA2GgODICTABSwAUtgApgAm73d3fElCUUkoSgP5zKeUVczby3fH',
    'RLAAANgP6k65O9b4+iWXJeSVSU96koAbUCI6wO6siH3uwCFmcDOWArwGn8AGAafYBfYcjqFdgCPt31gfYAYBuzHD3CsLe9SrzKfu4VNE5M07t3s4TQAAHDpy84D4',
    'twOcDztIoRvYBIGu2uX86fHp2s4B484CenKhuDgP5AS19Abn132A+4BE44CenHnLinhyYR+AAwDIAs2uDsAP6gCIfs0tXkpdd+qd/CCUnYLXhLaGumWdz1Op9N1X',
    'pdu6d9m+MNAHQA6c56MPqShKNdPh8x1Gp9OO7l/LjtV897dnezDSUJRzheSp8m2QfTQjLa0+IVpG3ONi3BMZTEaYjvZCxoi1153jGtl3o8b2Fc3fs8l7L29V7ocz',
    'dhsDgAHUlCUd16L9rvXd7bqofp215GmpPXR6HemiSbODb6Ey00MNABgGShtHsOYVZxjmu+b71O+NU8hV5jRhHbHdSlMcdytcuzry8qvS7d074nRIBwNgAGvRAXsG',
    'k9bG99Pe25vGiNVhZ6U26J2+iY7Gk3defb3MTK6sS8FiE112Z72tFkxQ3tTUjL4Xtxc1vD2umJKEo5mxz7PFZLp3TuoShKOafXPQOmgAHPozOLF50THnlqsn01G6',
    'uXXPFe5cV7znx7KjrXE9PLHMSgaMyYmtN7XvONl0ac2y+3AslTlocVj6uCShKNufT7J8VcundOzZubfAAQADnla6ZfZSCW7fVhwVppS/GhOTnPUh0TucFl7z5I2p',
    '7tDmxGxh2HdIna7pqrfVN8l1LJdO6d67N94zYAIANaVLL451aF3eLQdVzsPNQDllb0m6HXSFWO53ntTyr6COnabRMZtOmneXzCq3SY7I3XecriuJZ3SDQAGgDqSh',
    'KO9Tx5zMenrivess5fFO9GSI1dy17O5z8XqofkaB2OIfXKwVWrdrHj4zEfcOd9OeM9M07t2uOiQQABsCi4z1QlMScMS0JXFRISXRaVb01YmrchFxG1ggpXfKrqM5',
    'zndWbHdlI9L5TBmZtAIPJRDYCDsBB0Ag7AQf4u5IpwoSACOhUwA=',
  ].join(''),
  'base64',
)
const TEXT = Array.from({ length: 200 }, (_, i) => `2023-08-15 05:34:${String(i % 60).padStart(2, '0')} line ${i * 7919}\n`).join(
  '',
)

/** Long runs and every byte, three times, packed by `bzip2 -1` into blocks of 100,000 bytes. */
const RUNS = Buffer.from(
  [
    'QlpoMTFBWSZTWTnKOhwABih/////////////////////////////////////////////0AN+AAAAEmAAmAAJgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkw',
    'AEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEmAAmAAJgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    'AAAAAAAAAAApVVQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAb7f9JgIsCFgYsEFgosGFg4sIFhIsKFhYsMFhosOFh4sQFiIsSFiYsUFiosWFi4sYFjI',
    'saFjYscFjoseFj4sgFkIsiFkYskFkosmFk4soFlIsqFlYssFlosuFl4swFmIsyFmYs0Fmos2Fm4s4FnIs6FnYs8Fnos+Fn4tAFoItCFoYtEFootGFo4tIFpItKFp',
    'YtMFpotOFp4tQFqItSFqYtUFqotWFq4tYFrItaFrYtcFroteFr4tgF/alFsFsaKi2MWAQktkFsotmFs4toFtItqFtYtsFtotuFt4twFuItyFuYt0Fuot2Fu4t4Fv',
    'It6FvYt8Fvot+FjVv4t/FwAuBFwQuDFwguFFwwuHFxAuJFxQuLFxguNFxwuPFyAuRFyQuTFyguVFywuXFzAuZFzQubFzgudFzwufF0AuhF0QujF0gulF0wunF1Au',
    'pF1QurF1gutF1wuvF2AuxF2QuzF2gu1F2wu3F3Au5F3Qu7F3gu9F3wu/F4AvBF4QvDF4gvFF4wvHF5AvJF5QvLF5gvNF5wvPF6AvRF6QvTF6gvVF6wvXF7AvZF7Q',
    'vbF7gvdF7wvfF8AvhF8QvjF8gvlF8wvnF9AvpF9QvrF9gvtF9wvvF+AvxF+QvzF+gv1F+wv3F/Av5F/Qt8Uov7FzYv8F/ov+F/4u5IpwoSBzlHQ4',
  ].join(''),
  'base64',
)
const EVERY = Buffer.from(Array.from({ length: 256 * 8 }, (_, i) => i & 255))
const RUNS_TEXT = Buffer.concat(Array.from({ length: 3 }, () => [Buffer.alloc(70_000, 'a'), EVERY]).flat()).toString('latin1')

/** A tar of two logs of one name, of two machines. */
const TAR = Buffer.from(
  [
    'QlpoOTFBWSZTWc8WQp0AAKp9gMkQAIBAAf+AAAJ/pZ+ACIggAJIJUTJoABoABiAqkmpkeppp6gBoAB+xZyxdIEskRCGFe7UoVa9l6iEJI84zjiqvU37VEMqQcFiO',
    'UksFVsZmlcnNSLUQwSRCmrGCRYpgsMy0cbo7eOg8PeycU8HbA+XaBQiBOQ+aIQH4u5IpwoSGeLIU6A==',
  ].join(''),
  'base64',
)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'barograph-bzip2-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function unpacked(bytes: Uint8Array): Promise<{ readonly text: string; readonly problem: string }> {
  const file = join(folder, 'x.bz2')
  writeFileSync(file, bytes)
  const chunks: Buffer[] = []
  const frames = inflateBzip2(file)
  for (;;) {
    const step = await frames.next()
    if (step.done) return { text: Buffer.concat(chunks).toString('latin1'), problem: step.value }
    chunks.push(step.value)
  }
}

describe('bzip2', () => {
  test('a file, several streams in one with zeros after them, long runs over several blocks, nothing at all', async () => {
    expect(await unpacked(LINES)).toEqual({ text: TEXT, problem: '' })
    expect(await unpacked(Buffer.concat([LINES, RUNS, LINES, Buffer.alloc(9)]))).toEqual({
      text: TEXT + RUNS_TEXT + TEXT,
      problem: '',
    })
    expect(await unpacked(Buffer.from('425a683917724538509000000000', 'hex'))).toEqual({ text: '', problem: '' })
  })

  test.each([
    ['cut in the middle', LINES.subarray(0, 500), '', 'the compressed data ends early'],
    ['cut at the end', LINES.subarray(0, -3), TEXT, 'the compressed data ends early'],
    ['a changed checksum of the block', changed(LINES, 10), TEXT, 'the checksum of a block does not match'],
    ['a changed checksum of the whole', changed(LINES, LINES.length - 2), TEXT, 'the checksum does not match'],
    ['no block', changed(LINES, 4), '', 'no block begins where one should'],
    [
      'a randomised block',
      changed(LINES, 14, 0x80),
      '',
      'it is packed in a way that is not read (randomised blocks, before 1997)',
    ],
    ['something else behind', Buffer.concat([LINES, Buffer.from('no stream')]), TEXT, 'other data follows the last stream'],
    ['something else', Buffer.from('something else'), '', 'no stream begins here'],
  ])('%s is said, and what came before is given', async (_what, bytes, text, problem) => {
    expect(await unpacked(bytes)).toEqual({ text, problem })
  })

  test('changed bytes never throw and never give more than they hold', async () => {
    const edits = fc.array(fc.tuple(fc.nat(LINES.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(edits, async changes => {
        const bytes = Uint8Array.from(LINES)
        for (const [at, value] of changes) bytes[at] = value
        const { text, problem } = await unpacked(bytes)
        expect(problem !== '' || text === TEXT).toBe(true)
        // A block of 900,000 bytes, every five of which can stand for 259.
        expect(text.length).toBeLessThan(900_000 * 52)
      }),
      { numRuns: 150 },
    )
  })

  test('a tar in it is opened', async () => {
    writeFileSync(join(folder, 'logs.tar.bz2'), TAR)
    const items: string[] = []
    for await (const { path, state, bytes } of walkEvidence([join(folder, 'logs.tar.bz2')], {
      spillDirectory: join(folder, 'spill'),
    }))
      items.push(`${path} ${state} ${bytes}`)
    expect(items).toEqual(['logs.tar.bz2!/web01/var/log/a.log readable 6', 'logs.tar.bz2!/web02/var/log/a.log readable 7'])
  })
})

function changed(bytes: Buffer, at: number, by = 0x55): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ by
  return copy
}
