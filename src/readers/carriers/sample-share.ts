import type { EvidenceSample } from '../../model/index.ts'

/** A clock, a date, seconds since 1970: without one of these nothing is a record that has a time. */
const TIME_LIKE = /\d:\d\d|\d{9}|\d[-/. ]\d\d?[-/. ]\d|\d[-/ ][A-Z][a-z]{2}[-/ ]/
const timed = new WeakMap<EvidenceSample, readonly string[]>()

/** The lines that may hold a time. Asked by dozens of formats of every file there is, so they are found out once. */
function timedLines(sample: EvidenceSample): readonly string[] {
  let known = timed.get(sample)
  if (known === undefined) {
    known = sample.lines
      .map(line => (line.length > LOOKED_AT ? line.slice(0, LOOKED_AT) : line))
      .filter(line => TIME_LIKE.test(line))
    timed.set(sample, known)
  }
  return known
}

/** Does any line of the sample hold what may be a time? */
export const mayHoldTimes = (sample: EvidenceSample): boolean => timedLines(sample).length > 0

/** No reader takes a sample of which it knows fewer lines. */
const FEWEST_SHARE = 0.2

/** The share of lines that meet `isMine`, for formats whose every record writes its time: lines without any are not looked at. */
export function shareOfDatedLines(sample: EvidenceSample, isMine: (line: string) => boolean): number {
  if (sample.encoding === undefined || sample.lines.length === 0) return 0
  const lines = timedLines(sample)
  if (lines.length < sample.lines.length * FEWEST_SHARE) return 0
  return lines.filter(isMine).length / sample.lines.length
}

const lowered = new WeakMap<EvidenceSample, string>()

/** The head in lower case, one character a byte: what it must contain is looked for at once, whatever the encoding does to other letters. */
export function lowerHead(sample: EvidenceSample): string {
  let known = lowered.get(sample)
  if (known === undefined) {
    const { head, encoding } = sample
    const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1').toLowerCase()
    known = encoding === 'utf-16le' || encoding === 'utf-16be' ? text.replaceAll('\0', '') : text
    lowered.set(sample, known)
  }
  return known
}

/** A line longer than this tells nothing more about its format. */
const LOOKED_AT = 16_384

/** Share (0..1) of the sample's lines that meet `isMine`; 0 when the item is not text. */
export function shareOfLines(sample: EvidenceSample, isMine: (line: string) => boolean): number {
  if (sample.encoding === undefined || sample.lines.length === 0) return 0
  let mine = 0
  for (const line of sample.lines) {
    if (isMine(line.length > LOOKED_AT ? line.slice(0, LOOKED_AT) : line)) mine++
  }
  return mine / sample.lines.length
}
