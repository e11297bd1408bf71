import type { EventSink, EvidencePart, EvidenceSample, Reader } from '../../model/index.ts'
import { contentHash, originalFields } from '../../model/index.ts'
import { isCsvHeader } from './csv.ts'
import { parseAssets } from './parse.ts'

export { type Missing, whatIsMissing } from './missing.ts'
export { type AssetList, parseAssets } from './parse.ts'
export { ASSET_TEMPLATE } from './template.ts'

/** More text than an asset list of 100,000 machines has. */
const MAX_CHARACTERS = 32 << 20

/**
 * An operator's asset list among the evidence. It becomes one `other_activity` without time per asset, so that a search finds the machine and
 * the list is accounted for; the model itself is read with `parseAssets`, by the pipeline, which takes the list it was given with `--assets`
 * or else the one item of format "assets".
 */
export const reader: Reader = {
  format: 'assets',
  title: 'Asset list',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: "The operator's own asset list as YAML or CSV; machines of an nmap scan (XML).",
    exported:
      "Most have it as a spreadsheet (save as CSV) or in an inventory program; the ten machines that matter and what needs them are a good beginning. The example's [assets.yaml](../../examples/guam/assets.yaml) can be copied.",
    shows: 'Which services were reached or could be, which device is at its end of life, what must never be cut off.',
    cannotShow:
      'What is not in it. Without a list the report says nothing about services. Of several found among the evidence none is used: name one with `--assets`.',
    clock: 'None.',
    builtFrom: 'generated',
    checkedOn: 'lists written for the tests and the example; nmap after its DTD.',
  },
  recognise,
  read,
}

const ADDRESS = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])|[0-9a-f]{1,4}:[0-9a-f:]{0,30}:[0-9a-f]{1,4}/i
const SECTION = /^(?:sites|zones|assets|conduits|services):\s*(?:#.*)?$/
const ENTRY = /^\s*-\s+(?:\{\s*)?(?:id|from)\s*:/

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined) return 0
  const lines = sample.lines.filter(line => !line.trimStart().startsWith('#'))
  const [first = ''] = lines
  if (/^\uFEFF?<\?xml|^<!DOCTYPE nmaprun|^<nmaprun/.test(first) && lines.slice(0, 12).some(line => /<nmaprun\b/.test(line)))
    return 90
  // People and shops have names and addresses, too: theirs are no IP addresses.
  if (isCsvHeader(first)) return /role|zone/i.test(first) || lines.slice(1).some(line => ADDRESS.test(line)) ? 70 : 0
  const sections = lines.filter(line => SECTION.test(line)).length
  if (sections === 0 || !lines.some(line => ENTRY.test(line))) return 0
  return SECTION.test(first) ? 90 : 60
}

function read(part: EvidencePart, sink: EventSink): void {
  const { text, offsets, whole } = textOf(part)
  const { model, diagnostics, assetLines } = parseAssets(text, part.path)
  if (!whole)
    sink.diagnostic({
      kind: 'diagnostic',
      code: 'assets/too-large',
      level: 'error',
      evidence: part.evidence,
      path: part.path,
      message: `the list is longer than ${MAX_CHARACTERS} characters; only its beginning was read`,
    })
  for (const diagnostic of diagnostics) sink.diagnostic({ ...diagnostic, evidence: part.evidence })
  for (const [index, asset] of model.assets.entries()) {
    const line = assetLines[index] ?? 1
    const { id, names, addresses, neverCut, open, ...rest } = asset
    const fields = {
      id,
      names: names.join(','),
      addresses: addresses.join(','),
      ...rest,
      neverCut: String(neverCut),
      ...(open === undefined ? {} : { open: open.join(', ') }),
    }
    sink.event({
      kind: 'other_activity',
      source: { evidence: part.evidence, record: line, offset: offsets[line - 1] ?? 0 },
      time: undefined,
      host: '',
      series: 'assets||list',
      identity: contentHash(JSON.stringify(fields)),
      product: 'assets',
      code: '',
      original: originalFields(fields),
      message: `${id}: ${asset.role || 'asset'}${asset.zone ? ` in ${asset.zone}` : ''} (${[...names, ...addresses].join(', ')})`,
    })
  }
}

function textOf(part: EvidencePart): { readonly text: string; readonly offsets: readonly number[]; readonly whole: boolean } {
  const texts: string[] = []
  const offsets: number[] = []
  let length = 0
  for (const line of part.lines()) {
    length += line.text.length + 1
    if (length > MAX_CHARACTERS || line.cut) return { text: texts.join('\n'), offsets, whole: false }
    texts.push(line.text)
    offsets.push(line.offset)
  }
  return { text: texts.join('\n'), offsets, whole: true }
}
