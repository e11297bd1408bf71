import { draftOf, listOf, numberOf, type SetDetector, type SqlDialect, textOf } from '../../model/index.ts'

/** What Jasper makes of a page: work/…/org/apache/jsp/html/a_jsp.java and .class (tomcat.apache.org: Jasper 2 JSP Engine). */
const COMPILED = '(?i)[/\\\\]org[/\\\\]apache[/\\\\]jsp[/\\\\].*_jspx?(?:\\$[^/\\\\]*)?\\.(?:java|class)$'

const plain = (path: string) => `lower(replace(${path}, '\\', '/'))`
/** The page a compiled file was made of, from its application's root: "/html/a.jsp". Jasper writes other signs as _00xx. */
function pageOf(sql: SqlDialect, path: string): string {
  const steps: readonly (readonly [string, string])[] = [
    ['^.*/org/apache/jsp/', '/'],
    ['(?:[$][^/]*)?[.](?:java|class)$', ''],
    ['_jspx$', '.jspx'],
    ['_jsp$', '.jsp'],
    ['_002d', '-'],
    ['_005f', '_'],
    ['_002e', '.'],
  ]
  return steps.reduce((text, [pattern, instead]) => sql.replaceAll(text, pattern, instead), plain(path))
}

/** A compiled page whose source is gone, in an application whose other pages are there: somebody took it away after using it. */
export const compiledOrphan: SetDetector = {
  on: 'set',
  id: 'web-shell/compiled-orphan',
  title: 'Compiled page without its source',
  reads: ['file_activity'],
  techniques: ['T1505.003', 'T1070.004'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A servlet container compiles a page when it is first asked for and keeps the result when the page is deleted: what is left tells what the page did.',
  innocent: 'an update of the application removed the page, and nobody emptied the work folder since',
  query: sql => `with compiled as (
      select host, path, fileTime, "time", evidence, record, "byteOffset", ${pageOf(sql, 'path')} as page, ${sql.replaceAll(plain('path'), '/org/apache/jsp/.*$', '')} as application
      from file_activity where action = 'found' and ${sql.matches('path', COMPILED)}
    ), source as (
      select distinct host, ${plain('path')} as path from file_activity where action = 'found' and ${sql.matches('path', '(?i)\\.jspx?$')}
    ), paired as (
      select distinct c.host as host, c.application as application, c.page as page from compiled c join source s
        on ${sql.replaceAll('c.page', '^.*/', '')} = ${sql.replaceAll('s.path', '^.*/', '')}
      where (c.host = s.host or c.host = '' or s.host = '') and right('/' || s.path, length(c.page)) = c.page
    )
    select c.host as host, c.application as application, c.page as page, min(c.path) as path, count(*) as files, min(c.fileTime) as written, ${sql.records(20)} as records
    from compiled c left join paired p on c.host = p.host and c.application = p.application and c.page = p.page
    where p.page is null and (c.host, c.application) in (select host, application from paired)
    group by c.host, c.application, c.page order by host, application, page`,
  finding(row) {
    const page = textOf(row, 'page')
    const written = numberOf(row, 'written')
    return draftOf(compiledOrphan, {
      title: `${page} was compiled and asked for, and is not there any more`,
      object: page,
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'files'),
      firstTime: written || null,
      lastTime: written || null,
      hosts: [textOf(row, 'host')],
      why: `${textOf(row, 'path')} is what is left of it; other compiled pages of the same application have their source. ${compiledOrphan.why}`,
    })
  },
}
