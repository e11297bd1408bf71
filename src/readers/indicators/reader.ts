import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { isListHeader } from './list.ts'
import { isStix, parseIndicators } from './parse.ts'

export { type IndicatorFile, parseIndicators } from './parse.ts'

/** More text than the largest published bundle (ATT&CK has 40 MB). */
export const MAX_INDICATOR_CHARACTERS = 128 << 20

/**
 * A file of indicators among the evidence. It is accounted for, and not looked for: what lies among the evidence may have been put there.
 * What is to be looked for is given with `--intel`.
 */
export const reader: Reader = {
  format: 'indicators',
  title: 'Indicators (STIX 2.1, CSV)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'Indicators of others: STIX 2.1 bundles, CSV lists with a header; with `--intel` also plain text, one value a line.',
    exported: 'From the threat intelligence platform as a STIX 2.1 bundle or as CSV; the `indicators.csv` of another case.',
    shows:
      'Which published addresses, names, digests and paths were met, weighed by age and grade; only when given with `--intel`.',
    cannotShow: 'Who it was: an indicator alone proves little, and those found among the evidence are only named.',
    clock: 'None.',
    builtFrom: 'generated',
    checkedOn: "bundles and lists written after the specification, not a vendor's feed.",
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined) return 0
  const first = sample.lines.find(line => !line.startsWith('#')) ?? ''
  if (/^\ufeff?\s*[[{]/.test(sample.lines[0] ?? '')) {
    const text = sample.lines.join('\n')
    return isStix(text) && /"(?:spec_version|objects|pattern_type)"\s*:/.test(text) ? 92 : 0
  }
  return isListHeader(first) ? 60 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const texts: string[] = []
  let length = 0
  for (const line of part.lines()) {
    length += line.text.length + 1
    if (length > MAX_INDICATOR_CHARACTERS) break
    texts.push(line.text)
  }
  const { indicators, diagnostics } = parseIndicators(texts.join('\n'), part.path)
  for (const diagnostic of diagnostics) sink.diagnostic({ ...diagnostic, evidence: part.evidence })
  sink.diagnostic({
    kind: 'diagnostic',
    code: 'intel/among-evidence',
    level: 'note',
    evidence: part.evidence,
    path: part.path,
    message: `${indicators.length} indicators are among the evidence; they are not looked for`,
    hint: 'give the file with --intel when you trust it',
  })
  sink.event({
    kind: 'other_activity',
    source: { evidence: part.evidence, record: 1, offset: 0 },
    time: undefined,
    host: '',
    series: 'indicators||list',
    identity: contentHash(`${part.path}|${length}`),
    product: 'indicators',
    code: '',
    original: originalFields({ indicators: String(indicators.length) }),
    message: `a list of ${indicators.length} indicators`,
  })
}
