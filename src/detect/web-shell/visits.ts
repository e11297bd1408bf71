import { isAddress, type Row, type SqlDialect, textOf } from '../../model/index.ts'

/** Whose log it is: the server's address where the log has it, else the recording host, else the log itself. */
const SITE = `case when "serverIp" <> '' then "serverIp" when host <> '' then host else series end`

/** Names and habits that web scanners give away (Nessus, Nikto, sqlmap, Acunetix, OpenVAS, ZAP, nuclei and the classic probes). */
const MARKS =
  '(?i)nessus|nikto|sqlmap|acunetix|netsparker|openvas|nmap scripting|masscan|zgrab|dirbuster|gobuster|feroxbuster|wpscan|nuclei|w3af|arachni|qualys|interactsh|etc/passwd|%2fetc%2fpasswd|win\\.ini|<script>alert|%3cscript'

/** A sensor sees our visits to the internet too; a public address that so many of the seen clients ask is a server of ours, or none we can tell. */
const ENOUGH_CLIENTS = 5
/** Different paths that are not there: a crawler with old links stays far below, a scanner is above within a minute. */
export const ENOUGH_MISSING_PATHS = 40
/** A browser never asks for what names a scanner; a link somebody pasted may, once or twice. */
export const ENOUGH_MARKS = 3

/**
 * Common table expressions over the requests to our own servers (not those that our machines send out, directly or through a proxy), to
 * stand behind `with`: `visit` (every request with `site`, `client`, and `page`, the path
 * without session ids behind a semicolon) and `scanner` (site and client of those who behave like scanners).
 */
export function visitsAndScanners(sql: SqlDialect): string {
  return `visit as (
    select evidence, record, "byteOffset", "time", host, ${SITE} as site, "clientIp" as client, regexp_replace(path, ';.*$', '') as page,
      method, query, status, bytes, referrer, "userAgent" as agent, "user" as account,
      ${sql.matches(`path || ' ' || query || ' ' || "userAgent"`, MARKS)} as marked
    from http_activity where path <> '' and "clientIp" <> '' and not ${sql.matches('path', '^[a-z]+://')}
      and not (product in ('zeek', 'suricata') and "serverIp" <> '' and not ${sql.isInternalAddress('"serverIp"')}
        and "serverIp" not in (select "serverIp" from http_activity group by "serverIp" having count(distinct "clientIp") >= ${ENOUGH_CLIENTS}))
  ), scanner as (
    select site, client from visit group by site, client
    having (count(distinct page) filter (where status in (400, 403, 404, 405, 501)) >= ${ENOUGH_MISSING_PATHS}
        and count(*) filter (where status >= 400) * 2 >= count(*))
      or count(*) filter (where marked) >= ${ENOUGH_MARKS}
  )`
}

/** The server of a result row: its host name, else its address; '' when the log names neither. */
export function siteHost(row: Row): string {
  const site = textOf(row, 'site')
  return textOf(row, 'hostName') || (isAddress(site) ? site : '')
}

/** What a person calls the site: its host, its address, else the log that tells of it (a site without a name is its series). */
export function siteName(row: Row): string {
  const site = textOf(row, 'site')
  return siteHost(row) || `of ${site.slice(site.lastIndexOf('|') + 1)}`
}

/** File name endings that servers hand out as they are; an answer that depends on the request is not theirs to give. */
export const STATIC_PAGE = '(?i)\\.(?:gif|jpe?g|png|ico|bmp|svg|webp|css|js|map|txt|html?|pdf|woff2?|ttf|eot|mp4|xml|lic|zip)$'
/** File name endings that servers run. */
export const SCRIPT_PAGE = '(?i)\\.(?:aspx?|ashx|asmx|cer|asa|php[3-8]?|phtml|phar|jspx?|jspf|jhtml|cfm|cgi|pl)$'

/** Interfaces that take an application archive: Tomcat, JBoss and WebLogic consoles, GlassFish. */
export const DEPLOY =
  '(?i)/manager/(?:html/upload|text/deploy|deploy)|/jmx-console/|/admin-console/|/console/.*deploy|/management/.*deploy'
/** Forms and interfaces that take files, by their names. */
export const UPLOAD =
  '(?i)upload|/import|filemanager|elfinder|plupload|attachment|favicon|/fckeditor/|/ckfinder/|telerik|/api/.*file'
