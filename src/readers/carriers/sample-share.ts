import type { EvidenceSample } from '../../model/index.ts'

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
