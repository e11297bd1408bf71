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
  about: {
    reads:
      'Pages, scripts and fixed files of a web application: PHP, classic ASP, ASP.NET, JSP, compiled pages, whatever their name.',
    exported:
      'The whole web root with its times: `tar czf www.tar.gz -C /var/www .`, on Windows `tar -czf www.tar.gz -C C:\\inetpub wwwroot`; a copy loses who owned a file and, without an archive, when it was changed. Never open a suspicious page in a browser to see what it does.',
    shows:
      'Pages that run what their visitor sends (see [web-shell/content](../detectors/web-shell-content.md)), and together with the access log which of them were used.',
    cannotShow: 'When and by whom a page was put there; code that lives in memory, a database or a compiled module only.',
    clock: 'None; `fileTime` is what the archive says, and an intruder can set it.',
    builtFrom: 'real sample',
    checkedOn:
      'the program code of eleven ordinary Debian packages (WordPress, MediaWiki, Tomcat examples …); recall is in [web shells](../web-shells.md).',
  },
  recognise,
  read,
}

function read(part: EvidencePart, sink: EventSink): void {
  const { path, evidence, facts, bytes } = part
  const sha256 = hashSource(bytes)
  sink.event({
    kind: 'file_activity',
    action: 'found',
    // A collection keeps where the file lay; requests and file events of the machine name it so.
    path: facts.originalPath ?? path,
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
