import {
  contentHash,
  type EventSink,
  type EvidencePart,
  type EvidenceSample,
  originalFields,
  type Reader,
} from '../../model/index.ts'
import { lowerHead } from '../carriers/sample-share.ts'
import { publishedFolders, serverKindOf } from './parse.ts'
import { loadsAgent, serverSettings } from './settings.ts'

/** More than the configuration of any hosting machine. */
const MAX_CHARACTERS = 8 << 20

/** What a web server publishes under which address, and what it loads, from its own configuration: it turns a file into its address with certainty. */
export const reader: Reader = {
  format: 'server-config',
  title: 'configuration of a web server (IIS, Apache, nginx, Tomcat)',
  version: 2,
  split: { by: 'nothing' },
  about: {
    reads:
      'Which folder a web server publishes under which address: `applicationHost.config` of IIS, `httpd.conf` and site files of Apache, `nginx.conf`, `server.xml` and context files of Tomcat. Modules and handlers of IIS (`applicationHost.config`), Java agents in `setenv.sh` and `setenv.bat`.',
    exported:
      'Copy `%windir%\\System32\\inetsrv\\config\\applicationHost.config`, `/etc/apache2` or `/etc/httpd`, `/etc/nginx`, `conf/server.xml`. Files that are included are items of their own.',
    shows:
      'Which file answers which address, so that a page on disk and the requests to it are one thing; code that the server loads, and names it hands to a script engine.',
    cannotShow: 'Rewriting, aliases and locations by expression, folders relative to a Tomcat installation.',
    clock: 'None: it held when it was copied. Host: not known, give it.',
    builtFrom: 'generated',
    checkedOn: "configurations written for the tests after the servers' own documentation, hostile text.",
  },
  recognise,
  read,
}

/** In lower case what a configuration of one of these servers holds in any case; looking for them costs less than the expressions do. */
const TELLING_WORDS = ['applicationhost', 'appbase', 'docbase', 'documentroot', 'virtualhost', '-javaagent:', '-agentpath:']

function recognise(sample: EvidenceSample): number {
  if (sample.encoding === undefined) return 0
  const lower = lowerHead(sample)
  if (!TELLING_WORDS.some(word => lower.includes(word)) && !/\bserver\s*\{/.test(lower)) return 0
  const text = headText(sample)
  if (serverKindOf(text) !== undefined) return 72
  // web.config is a file of the site, and judged as one.
  return loadsAgent(text) ? 60 : 0
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
  const told = [
    ...publishedFolders(text).map(({ url, folder, site, line }) => ({
      object: 'published-folder',
      attribute: url,
      command: folder,
      interface: site,
      line,
      original: { site, url, folder },
    })),
    ...serverSettings(text).map(({ object, name, value, where, line }) => ({
      object,
      attribute: name,
      command: value,
      interface: where,
      line,
      original: { name, value, where },
    })),
  ]
  for (const [index, { line, original, ...setting }] of told.entries())
    sink.event({
      kind: 'device_config',
      action: 'set',
      ...setting,
      source: { evidence, record: line, offset: index },
      // A configuration has no time: it held when it was copied.
      time: undefined,
      host,
      series: `server-config|${host}|${path}`,
      identity: contentHash(`${path}|${line}|${setting.interface}|${setting.attribute}|${setting.command}`),
      product: 'web-server',
      code: '',
      original: originalFields(original),
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
