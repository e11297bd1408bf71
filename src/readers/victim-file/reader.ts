import { hashSource } from '../../evidence/index.ts'
import {
  contentHash,
  type EventSink,
  type EvidencePart,
  MAX_VICTIM_FILE_BYTES,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { recognise } from './recognise.ts'

/** Pages, scripts and fixed files of a web application: each is itself a piece of evidence, one event and then judged by its content. */
export const reader: Reader = {
  format: 'script',
  title: 'page, script or fixed file of a web application',
  version: 1,
  split: { by: 'nothing' },
  recognise,
  read,
}

function read(part: EvidencePart, sink: EventSink): void {
  const { path, evidence, facts, bytes } = part
  const sha256 = hashSource(bytes)
  sink.event({
    kind: 'file_activity',
    action: 'found',
    path,
    size: bytes.size,
    hashes: `SHA256=${sha256}`,
    fileTime: facts.modified,
    source: { evidence, record: 1, offset: 0 },
    // When it was put there is not known: the modification time is a claim of the file, not an event.
    time: undefined,
    host: facts.host?.toLowerCase() ?? '',
    series: `file|${facts.host?.toLowerCase() ?? ''}|${path}`,
    identity: contentHash(`${path}|${sha256}`),
    product: 'file',
    code: '',
    original: originalFields({ path, size: String(bytes.size), sha256 }),
  })
  if (bytes.size > MAX_VICTIM_FILE_BYTES)
    sink.diagnostic({
      kind: 'diagnostic',
      code: 'script/judged-in-part',
      level: 'warning',
      message: `only the first ${MAX_VICTIM_FILE_BYTES} of its ${bytes.size} bytes are looked at for shell code`,
      hint: 'Look at the rest by hand, or scan the file with YARA.',
      evidence,
      path,
    })
}
