import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EvidenceId, type Line, MAX_LINE_BYTES, type Split, type TextEncoding } from '../model/index.ts'
import { decodeText } from './encoding.ts'
import { openPart } from './part.ts'
import { type PartRange, surveyFile, verifyFile } from './survey.ts'

let folder = ''
let file = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'part-'))
  file = join(folder, 'item')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const LINES: Split = { by: 'lines', headerPrefix: '#' }

function opened(range: PartRange, encoding: TextEncoding = 'utf-8', part = 0) {
  return openPart(file, { ...range, evidence: 'x' as EvidenceId, path: 'item', part, facts: {}, encoding })
}

async function linesOf(bytes: Buffer, encoding: TextEncoding = 'utf-8', partBytes?: number): Promise<Line[]> {
  writeFileSync(file, bytes)
  const { parts } = await surveyFile(file, LINES, encoding, undefined, partBytes)
  return parts.flatMap((range, index) => {
    const { part, close } = opened(range, encoding, index)
    const lines = [...part.lines()]
    close()
    return lines
  })
}

describe('lines', () => {
  test.each<[string, Buffer, TextEncoding, (readonly [string, number])[]]>([
    [
      'both line ends, no end at last',
      Buffer.from('a\r\nb\n\nc'),
      'utf-8',
      [
        ['a', 0],
        ['b', 3],
        ['', 5],
        ['c', 6],
      ],
    ],
    ['a line feed at the end begins no line', Buffer.from('a\n'), 'utf-8', [['a', 0]]],
    ['nothing', Buffer.from(''), 'utf-8', []],
    [
      'the byte order mark is no text',
      Buffer.from('\ufeffa\nb'),
      'utf-8',
      [
        ['a', 3],
        ['b', 5],
      ],
    ],
    [
      'NUL bytes stay in the line',
      Buffer.from('a\0b\nc'),
      'utf-8',
      [
        ['a\0b', 0],
        ['c', 4],
      ],
    ],
    [
      'a character cut by the end of the file',
      Buffer.from('é\né').subarray(0, 4),
      'utf-8',
      [
        ['é', 0],
        ['\ufffd', 3],
      ],
    ],
    [
      'Latin-1',
      Buffer.from('caf\xe9\nx', 'latin1'),
      'latin1',
      [
        ['café', 0],
        ['x', 5],
      ],
    ],
    [
      'UTF-16 little',
      Buffer.from('\ufeffa\r\nbĊ\nc', 'utf16le'),
      'utf-16le',
      [
        ['a', 2],
        ['bĊ', 8],
        ['c', 14],
      ],
    ],
    [
      'UTF-16 big',
      Buffer.from('a\nb\u0a00\n', 'utf16le').swap16(),
      'utf-16be',
      [
        ['a', 0],
        ['b\u0a00', 4],
      ],
    ],
  ])('%s', async (_name, bytes, encoding, expected) => {
    const lines = await linesOf(bytes, encoding)
    expect(lines.map(({ text, offset }) => [text, offset])).toEqual(expected)
    expect(lines.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1))
  })

  test.each([
    [MAX_LINE_BYTES, '\n', false],
    [MAX_LINE_BYTES, '\r\n', false],
    [MAX_LINE_BYTES, '', false],
    [MAX_LINE_BYTES + 1, '\n', true],
    [MAX_LINE_BYTES + 3, '', true],
    [3 * MAX_LINE_BYTES, '\r\n', true],
  ])('a line of %i bytes and %j, between two others', async (length, end, cut) => {
    const lines = await linesOf(Buffer.from(`before\n${'x'.repeat(length)}${end}${end === '' ? '' : 'after\n'}`))
    expect(lines.map(line => [line.text.length, line.number, line.offset, line.cut])).toEqual([
      [6, 1, 0, false],
      [MAX_LINE_BYTES, 2, 7, cut],
      ...(end === '' ? [] : [[5, 3, 7 + length + end.length, false]]),
    ])
  })

  test('a cut line of UTF-16 counts as one', async () => {
    const lines = await linesOf(Buffer.from(`a\n${'x'.repeat(2 * MAX_LINE_BYTES)}\nb`, 'utf16le'), 'utf-16le')
    expect(lines.map(line => [line.text.length, line.number, line.cut])).toEqual([
      [1, 1, false],
      [MAX_LINE_BYTES / 2, 2, true],
      [1, 3, false],
    ])
  })
})

describe('survey', () => {
  test('one pass gives hash, lines and parts that begin at lines and know the header lines before them', async () => {
    const text = '#Fields: a\n1111\n2222\n#Fields: b\n3333\n4444\n'
    writeFileSync(file, text)
    let seen = 0
    const counted = (bytes: number) => {
      seen += bytes
    }
    const survey = await surveyFile(file, LINES, 'utf-8', counted, 14)
    expect(survey).toEqual({
      sha256: createHash('sha256').update(text).digest('hex'),
      bytes: text.length,
      lines: 6,
      parts: [
        { start: 0, end: 16, firstLine: 1, headerLines: [] },
        { start: 16, end: 32, firstLine: 3, headerLines: ['#Fields: a'] },
        { start: 32, end: 42, firstLine: 5, headerLines: ['#Fields: a', '#Fields: b'] },
      ],
    })
    expect(seen).toBe(text.length)
    expect(await verifyFile(file, survey.sha256)).toBe(true)
    writeFileSync(file, `${text}!`)
    expect(await verifyFile(file, survey.sha256)).toBe(false)
  })

  test('blocks are cut between blocks, after the header', async () => {
    writeFileSync(file, Buffer.alloc(10 + 5 * 8 + 3))
    const { parts } = await surveyFile(file, { by: 'blocks', headerBytes: 10, blockBytes: 8 }, undefined, undefined, 17)
    expect(parts.map(({ start, end }) => [start, end])).toEqual([
      [10, 26],
      [26, 42],
      [42, 53],
    ])
    writeFileSync(file, Buffer.alloc(4))
    expect((await surveyFile(file, { by: 'blocks', headerBytes: 10, blockBytes: 8 }, undefined)).parts).toEqual([
      { start: 4, end: 4, firstLine: 1, headerLines: [] },
    ])
  })

  test('UTF-16 is one part', async () => {
    writeFileSync(file, Buffer.from('a\nb\nc\n'.repeat(50), 'utf16le'))
    const survey = await surveyFile(file, LINES, 'utf-16le', undefined, 16)
    expect([survey.lines, survey.parts.length]).toEqual([150, 1])
  })

  test('a file of header lines only hands a bounded number to each part', async () => {
    writeFileSync(file, '#x\n'.repeat(5000))
    const { parts } = await surveyFile(file, LINES, 'utf-8', undefined, 6000)
    expect(parts.map(({ headerLines }) => headerLines.length)).toEqual([0, 1000, 1000])
  })
})

test('random access gives the bytes asked for, fewer at the end, none outside', () => {
  const bytes = Buffer.from(Array.from({ length: 600_000 }, (_, i) => i % 251))
  writeFileSync(file, bytes)
  const { part, close } = opened({ start: 0, end: bytes.length, firstLine: 1, headerLines: [] })
  fc.assert(
    fc.property(fc.integer({ min: -10, max: 700_000 }), fc.integer({ min: -1, max: 400_000 }), (offset, length) => {
      const from = Math.max(0, offset)
      expect(Buffer.compare(part.bytes.read(offset, length), bytes.subarray(from, from + Math.max(0, length)))).toBe(0)
    }),
    { numRuns: 200 },
  )
  close()
  close()
})

test('whatever the bytes and the cuts: every line is found again at its offset, and numbers count up', async () => {
  const pieces = fc.constantFrom('\n', '\r\n', 'a', '#head', 'é', '\0', 'word word', '\ud83d\ude00', '\r')
  const text = fc.array(pieces, { maxLength: 60 }).map(list => Buffer.from(list.join('')))
  const bytes = fc.oneof(
    text,
    fc.uint8Array({ maxLength: 300 }).map(list => Buffer.from(list)),
  )
  const encodings = fc.constantFrom<TextEncoding>('utf-8', 'latin1', 'utf-16le', 'utf-16be')
  await fc.assert(
    fc.asyncProperty(bytes, encodings, fc.integer({ min: 1, max: 80 }), async (content, encoding, partBytes) => {
      const lines = await linesOf(content, encoding, partBytes)
      const wide = encoding.startsWith('utf-16')
      const { lines: counted } = await surveyFile(file, LINES, encoding, undefined, partBytes)
      // Half a character at the end of UTF-16 is no line.
      if (!wide) expect(lines.length).toBe(counted - (content.length === 3 && content.equals(Buffer.from('\ufeff')) ? 1 : 0))
      for (const [index, line] of lines.entries()) {
        expect(line.number).toBe(index + 1)
        const rest = decodeText(content.subarray(line.offset), encoding)
        const end = rest.indexOf('\n')
        expect((end < 0 ? rest : rest.slice(0, end)).replace(/\r$/, '')).toBe(line.text)
      }
    }),
    { numRuns: 500 },
  )
})
