import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inflateXz } from './xz.ts'

/** 200 lines packed by `xz` 5.4 of Debian with its own settings (LZMA2, CRC-64). */
const LINES = Buffer.from(
  [
    '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Bk2A41dABkMApJp3gaQlWVykv5h8WGac3aB6VoJW8mEAkjoPnN/LJMbOUym/ptJ4Mz4r865juMRxbH3ZtNQdXuG',
    '95/279AK29jhiMbOyvyYh1Uk3i05bCe11O7+UNpjzowMzv5AkErA5w/dkEPClY4L77zCVS6kooRsrJ9D9gTzgnua1sgtsoKH5EM7d+OXKCUZxFfSW06hmaFL',
    'nh+vwFn9DvQstdiClxYvQRBWXOhPDjCcEHOGe1gRNbs5QWh4b/1Fw8HhjGuBg3+4/ro5xxoJ8CvKQnLeyAd+1X9RVmsxdyOAQac+zB8ByIGeINjKX6TKscM3',
    'kUSqfl/3a0g95cEI16GIuoX5uPU349yEb8WKGthTBUlD+bkwVjr78LAWXo1oHwpp1TPHUXIMUWzg5/buBdMeOdRz1O+6K4PPC9MaQs6g2fvpzr+An9fPKy3A',
    'lVeYidodEB67Ditjl4CDUBAE4bayXKFOrgSoOF98bWjCNZ1Dnw6j5HZLbxu6QpgpMw0S7lnPq/1X4cBerRdCxRKKryYLIdvzL9aG0nk6eboUBrzFbr4wx/g5',
    'Iqc8SaYMXRDhLmapO0RQTxGhiLEM8BeyVZA87KT/fg8rMaO5hy6umjG7JauxM0n664SxUvXJKhFGh1eu2D3DnsYsKpLC3GTvqj5elyvvvsHKGCkzqfQp+TI6',
    'K22XiTOuUzHHkGPBaM52/fKXMP2GjKq3VbE5IN79IvkE1/zkIQdrDYiR6LdlUzN4UWCEdmrSZzdest7kSXWjBXigC6S0aZ5l7VWnbpryz87DnECEXebsWp6H',
    '/wbJ/cH9Qr6Oz2MoIDo1ECT8n5IxfMfRWtqbTnxHHmOwKLcltWHvO6fDecB56ImwknOJTmsO/r3osfTwazQM2UlWjSKtbxRliYjeJCu7tPQo41VgZ1TRNYWK',
    '3Vllw5ao8hoIs+8EXvHmlwWggu3tBtgZeI6dnpOIex1NDtVXjMikZjrrkaFbL9PkjoNw5ZhTQHmBYQYRBrvp9FMNHvrltvnNAoDQdT0gmGbpmnV4De7+0kLs',
    '1wVY+sVgLkTbLVXOVB433zwgBIG9XLa3mLedDtDIRMBG4grwGu9gljgh0BhZYELq5ZSv+8CCFWu+dkvjobbrRKLSA3pkSDhyiXwnqkhQgjmqM3McX+Hksf+3',
    'IzTbF5s5hNCKWM6EXDlXnpyDaO1RD/o+pK5XNOkj6qjnZv4pdnPUYAAAAACN3QnZJduEIwABqQe3MgAANg8s6LHEZ/sCAAAAAARZWg==',
  ].join(''),
  'base64',
)
const TEXT = Array.from({ length: 200 }, (_, i) => `2023-08-15 05:34:${String(i % 60).padStart(2, '0')} line ${i * 7919}\n`).join(
  '',
)

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'barograph-xz-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function unpacked(bytes: Uint8Array): Promise<{ readonly text: string; readonly problem: string }> {
  const file = join(folder, 'x.xz')
  writeFileSync(file, bytes)
  const chunks: Buffer[] = []
  const frames = inflateXz(file)
  for (;;) {
    const step = await frames.next()
    if (step.done) return { text: Buffer.concat(chunks).toString(), problem: step.value }
    chunks.push(step.value)
  }
}

describe('xz', () => {
  test('a file, two in one with zeros between, and one cut off', async () => {
    expect(await unpacked(LINES)).toEqual({ text: TEXT, problem: '' })
    expect(await unpacked(Buffer.concat([LINES, Buffer.alloc(8), LINES]))).toEqual({ text: TEXT + TEXT, problem: '' })
    expect((await unpacked(LINES.subarray(0, 500))).problem).toBe('the compressed data ends early')
  })

  test.each([
    ['the head of the stream', 7, 'the head of the stream is damaged'],
    ['the head of a block', 14, 'the head of a block is damaged'],
    ['the checksum', LINES.length - 30, 'the checksum does not match'],
    ['what follows', LINES.length, 'other data follows the last stream'],
  ])('a fault in %s is said', async (_what, at, problem) => {
    const bytes = Buffer.concat([LINES, at === LINES.length ? Buffer.from('something that is no stream') : Buffer.alloc(0)])
    if (at < LINES.length) bytes[at] = (bytes[at] ?? 0) ^ 0x55
    expect((await unpacked(bytes)).problem).toBe(problem)
  })

  test('changed bytes never throw and never give more than they hold', async () => {
    const edits = fc.array(fc.tuple(fc.nat(LINES.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(edits, async changes => {
        const bytes = Uint8Array.from(LINES)
        for (const [at, value] of changes) bytes[at] = value
        const { text, problem } = await unpacked(bytes)
        expect(problem !== '' || text === TEXT).toBe(true)
        expect(text.length).toBeLessThan(3 << 21)
      }),
      { numRuns: 150 },
    )
  })
})
