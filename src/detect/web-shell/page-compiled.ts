import {
  draftOf,
  fileNameOf,
  listOf,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  numberOf,
  type SetDetector,
  textOf,
} from '../../model/index.ts'
import { INSTALLERS, WEB_ROOT } from './script-written.ts'

/** ASP.NET leaves one such file a page when it compiles it, which it does when the page is asked for the first time. */
const COMPILED = '(?i)\\\\temporary asp\\.net files\\\\.*\\.(?:aspx|ashx|asmx|asax|cshtml)\\.[0-9a-f]{1,8}\\.compiled$'
const PAGE = '(?i)\\.(?:aspx|ashx|asmx|asax|cshtml)$'
/** Whoever puts a page in place looks at once whether it answers; what is deployed waits for visitors. */
const SOON = 15 * MICROS_PER_MINUTE

const baseName = (path: string) => `reverse(substring(reverse(${path}), 1, position('\\' in reverse(${path})) - 1))`

/** A page is written beside the published ones by no installer and called minutes later: the server compiles it. */
export const pageCompiled: SetDetector = {
  id: 'web-shell/page-compiled',
  title: 'New page called for the first time',
  on: 'set',
  reads: ['file_activity'],
  techniques: ['T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'ASP.NET compiles a page when somebody asks for it for the first time; whoever has just left a page on a server tries it at once.',
  innocent: 'a developer or administrator put the page there by hand and looked whether it works',
  query: sql => `
    with page as (
      select host as pageHost, path as page, ${baseName('path')} as name, min("time") as written from file_activity
      where action in ('create', 'write', 'rename') and "time" is not null and host <> '' and position('\\' in path) > 0
        and ${sql.matches('path', PAGE)} and ${sql.matches('path', `(?i)${WEB_ROOT.source}`)} and not ${sql.matches('path', '(?i)temporary asp\\.net files')}
        and not ${sql.matches('lower(image)', `(?:^|[\\\\/])${INSTALLERS.source.slice(1)}`)}
      group by host, path),
    compiled as (
      select host, path as result, image, "time", evidence, record, "byteOffset" from file_activity
      where action in ('create', 'write', 'rename') and "time" is not null and host <> '' and ${sql.matches('path', COMPILED)})
    select host, page, name, result, written, max(image) as image, min("time") as firstTime, max("time") as lastTime, count(*) as total, ${sql.records()} as refs
    from compiled join page on pageHost = host
    where position(lower('\\' || name || '.') in lower(result)) > 0 and "time" >= written and "time" <= written + ${SOON}
    group by host, page, name, result, written
    order by firstTime, host, page, result`,
  finding(row) {
    const page = textOf(row, 'page')
    const firstTime = numberOf(row, 'firstTime')
    const seconds = Math.round((firstTime - numberOf(row, 'written')) / MICROS_PER_SECOND)
    return draftOf(this, {
      title: `${fileNameOf(textOf(row, 'image')) || 'the web server'} compiled ${textOf(row, 'name')} ${seconds} s after it was written: somebody called it`,
      object: `${page} (compiled)`,
      hosts: [textOf(row, 'host')],
      firstTime,
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
