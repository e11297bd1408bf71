import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { publishedFolders, serverKindOf } from './parse.ts'

/** More than the configuration of any hosting machine. */
const MAX_CHARACTERS = 8 << 20

/** Which folder a web server publishes under which address, from its own configuration: it turns a file into its address with certainty. */
export const reader: Reader = {
  format: 'server-config',
  title: 'configuration of a web server (IIS, Apache, nginx, Tomcat)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'Which folder a web server publishes under which address: `applicationHost.config` of IIS, `httpd.conf` and site files of Apache, `nginx.conf`, `server.xml` and context files of Tomcat.',
    exported:
      'Copy `%windir%\\System32\\inetsrv\\config\\applicationHost.config`, `/etc/apache2` or `/etc/httpd`, `/etc/nginx`, `conf/server.xml`. Files that are included are items of their own.',
    shows: 'Which file answers which address, so that a page on disk and the requests to it are one thing.',
    cannotShow: 'Rewriting, aliases and locations by expression, folders relative to a Tomcat installation.',
    clock: 'None: it held when it was copied. Host: not known, give it.',
    builtFrom: 'generated',
    checkedOn: "configurations written for the tests after the servers' own documentation, hostile text.",
  },
  recognise,
  read,
}

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined) return 0
  return serverKindOf(headText(sample)) === undefined ? 0 : 72
}

const headText = ({ head, encoding }: EvidenceSample) =>
  new TextDecoder(encoding === 'utf-16le' || encoding === 'utf-16be' ? encoding : 'utf-8').decode(head)

function read(part: EvidencePart, sink: EventSink): void {
  const { evidence, path, facts } = part
  let text = ''
  let whole = true
  for (const line of part.lines()) {
    whole = text.length + line.text.length <= MAX_CHARACTERS
    if (!whole) break
    text += `${line.text}\n`
  }
  const host = facts.host?.toLowerCase() ?? ''
  for (const [index, { url, folder, site, line }] of publishedFolders(text).entries())
    sink.event({
      kind: 'device_config',
      action: 'set',
      object: 'published-folder',
      attribute: url,
      command: folder,
      interface: site,
      source: { evidence, record: line, offset: index },
      // A configuration has no time: it held when it was copied.
      time: undefined,
      host,
      series: `server-config|${host}|${path}`,
      identity: contentHash(`${path}|${line}|${site}|${url}|${folder}`),
      product: 'web-server',
      code: '',
      original: originalFields({ site, url, folder }),
    })
  if (!whole)
    sink.diagnostic({
      kind: 'diagnostic',
      code: 'server-config/too-large',
      level: 'warning',
      message: `only the first ${MAX_CHARACTERS} characters are read`,
      hint: 'Give the files it includes one by one.',
      evidence,
      path,
    })
}
