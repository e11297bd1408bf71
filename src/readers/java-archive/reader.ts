import { hashSource, zipContent, zipEntries } from '../../evidence/index.ts'
import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  isoFromMicros,
  microsFromMillis,
  newcomers,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { agentClass, mainAttributes } from './manifest.ts'

/** What runs in a Java archive. */
const RUNS = /\.(?:class|jspx?|jspf|tagx?)$/i
/** Members whose times are compared, as `webroot` does. */
const MAX_TIMED = 50_000

/** Signed libraries list the hash of each entry in it. */
const MAX_MANIFEST = 4 << 20
const MAX_ATTRIBUTES = 60

/** Java archives as items: their hash tells whether they are their maker's, the times of their entries whether they were changed. */
export const reader: Reader = {
  format: 'java-archive',
  title: 'Java archive (jar)',
  version: 2,
  split: { by: 'nothing' },
  about: {
    reads:
      'Java archives (jar) by content, whatever they are called: hash, number of entries, times of the entries, what the manifest says of an agent. Web archives (war) are unpacked instead.',
    exported: 'The library folders of the server with their times: `tar czf lib.tar.gz -C /opt/tomcat lib webapps`.',
    shows:
      'Classes that came into an archive long after the others, archives older than what is in them, copies that differ from the same library elsewhere, agents among libraries, what classes do.',
    cannotShow: 'Who changed the archive.',
    clock: 'None; times of entries name no zone and are taken as UTC. Whoever writes an archive can set them.',
    builtFrom: 'generated',
    checkedOn: 'archives made for the tests, hostile bytes.',
  },
  recognise,
  read,
}

function recognise({ head, size }: EvidenceSample): number {
  if (size < 22 || head[0] !== 0x50 || head[1] !== 0x4b || head[2] !== 3 || head[3] !== 4) return 0
  return /META-INF\/|\.class/.test(new TextDecoder('latin1').decode(head)) ? 80 : 0
}

function read(part: EvidencePart, sink: EventSink): void {
  const { path, evidence, facts, bytes } = part
  const entries = zipEntries(bytes)
  const sha256 = hashSource(bytes)
  const host = facts.host?.toLowerCase() ?? ''
  const timed = (entries ?? []).filter(({ name }) => RUNS.test(name)).slice(0, MAX_TIMED)
  const odd = newcomers(timed.map(({ name, time }) => ({ path: name, time })))
  const base = { time: undefined, host, series: `file|${host}|${path}`, product: 'file' } as const
  sink.event({
    ...base,
    kind: 'file_activity',
    action: 'found',
    path,
    size: bytes.size,
    hashes: `SHA256=${sha256}`,
    fileTime: facts.modified,
    mimeType: 'application/java-archive',
    source: { evidence, record: 1, offset: 0 },
    identity: contentHash(`${path}|${sha256}`),
    code: 'java-archive',
    original: originalFields({ path, sha256, entries: String(entries?.length ?? 0) }),
  })
  const manifest = entries?.find(({ name }) => name === 'META-INF/MANIFEST.MF')
  const said = manifest && zipContent(bytes, manifest, MAX_MANIFEST)
  const attributes = said && mainAttributes(new TextDecoder().decode(said))
  const agent = attributes && agentClass(attributes)
  if (attributes && agent !== undefined)
    sink.event({
      ...base,
      kind: 'file_activity',
      action: 'found',
      path,
      image: agent,
      hashes: `SHA256=${sha256}`,
      source: { evidence, record: MAX_TIMED + 1, offset: 0 },
      identity: contentHash(`${path}|agent|${sha256}`),
      code: 'java-agent',
      original: originalFields({ path, ...Object.fromEntries([...attributes].slice(0, MAX_ATTRIBUTES)) }),
    })
  for (const [index, { path: name, time }] of (odd?.late ?? []).entries()) {
    const added = microsFromMillis(time)
    sink.event({
      ...base,
      kind: 'file_activity',
      action: 'found',
      path: `${path}!/${name}`,
      fileTime: added,
      source: { evidence, record: index + 2, offset: 0 },
      identity: contentHash(`${path}!/${name}|${sha256}`),
      code: 'newcomer',
      original: originalFields({
        archive: path,
        entries: String(timed.length),
        built: isoFromMicros(microsFromMillis(odd?.built ?? 0)),
        added: isoFromMicros(added),
        archiveTime: facts.modified === undefined ? '' : isoFromMicros(facts.modified),
      }),
    })
  }
  if (entries === undefined)
    sink.diagnostic({
      kind: 'diagnostic',
      code: 'java-archive/no-directory',
      level: 'warning',
      message: 'the archive has no list of its entries that could be read; only its hash is known',
      hint: 'Copy the file again; a damaged archive does not load in Java either.',
      evidence,
      path,
    })
}
