import type { PreparedTable, SqlDialect } from '../../model/index.ts'

/** A sensor sees our visits to the internet too; a public address that so many of the seen clients ask is a server of ours, or none we can tell. */
const ENOUGH_CLIENTS = 5
/** Different paths that are not there: a crawler with old links stays far below, a scanner is above within a minute. */
export const ENOUGH_MISSING_PATHS = 40
/** A browser never asks for what names a scanner; a link somebody pasted may, once or twice. */
export const ENOUGH_MARKS = 3

/** Names and habits that web scanners give away (Nessus, Nikto, sqlmap, Acunetix, OpenVAS, ZAP, nuclei and the classic probes). */
const MARKS =
  '(?i)nessus|nikto|sqlmap|acunetix|netsparker|openvas|nmap scripting|masscan|zgrab|dirbuster|gobuster|feroxbuster|wpscan|nuclei|w3af|arachni|qualys|interactsh|etc/passwd|%2fetc%2fpasswd|win\\.ini|<script>alert|%3cscript'

/** Commands as they stand in a query string. */
export const COMMANDS =
  '(?i)(?:^|[=&+ ]|%20|%22|%27)(?:whoami|ipconfig|ifconfig|systeminfo|tasklist|netstat|quser|hostname|net1?(?:\\.exe)?(?:\\+|%20)(?:user|group|view|localgroup|use|start)|cat(?:\\+|%20)(?:/|%2f)etc|uname(?:\\+|%20)-|powershell(?:\\.exe)?(?:\\+|%20)|cmd(?:\\.exe)?(?:\\+|%20)(?:/|%2f)c)(?:$|[&+;|% ])'

/** The page of a referrer, without its query. */
const FORM_PAGE = '^[a-zA-Z]+://[^/]+(/[^?#;]*)'

/** Whose log it is: the server's address where the log has it, else the recording host, else the log itself. */
const SITE = `case when "serverIp" <> '' then "serverIp" when host <> '' then host else series end`
/** The path without session ids behind a semicolon. */
const PAGE = `case when position(';' in path) = 0 then path else substring(path, 1, position(';' in path) - 1) end`

/** `web_server`: public addresses that several clients ask, by column "serverIp". */
const webServers: PreparedTable = {
  name: 'web_server',
  query: sql => `select "serverIp" from (
      select distinct "serverIp", "clientIp" from http_activity where "serverIp" <> '' and not ${sql.isInternalAddress('"serverIp"')}
    ) as asked group by "serverIp" having count(*) >= ${ENOUGH_CLIENTS}`,
}

/**
 * The different values of a column that match. A log says the same a thousand times, so each value is looked at once: the condition on
 * the count keeps engines from looking before they group.
 */
const valuesThatMatch = (sql: SqlDialect, column: string, pattern: string): string =>
  `select ${column} from http_activity group by ${column} having case when count(*) > 0 then ${sql.matches(column, pattern)} else false end`

/**
 * `web_visit`: every request to our own servers (not those that our machines send out, directly or through a proxy) with its `site`,
 * `client` and `page`, whether it names a referrer (`linked`), of posts the page whose form was sent (`form`), and whether it has the mark of a scanner (`marked`). A query that asks for the
 * requests of some pages picks the pages from the other tables first and joins by site and page, so that most of this one is skipped.
 */
const webVisits: PreparedTable = {
  name: 'web_visit',
  query:
    sql => `with marked_path as (${valuesThatMatch(sql, 'path', MARKS)}), marked_query as (${valuesThatMatch(sql, 'query', MARKS)}),
    marked_agent as (${valuesThatMatch(sql, '"userAgent"', MARKS)})
    select evidence, record, "byteOffset", "time", host, ${SITE} as site, "clientIp" as client, ${PAGE} as page, method, query, status, bytes,
      referrer not in ('', '-') as linked, case when method = 'POST' then ${sql.captured('referrer', FORM_PAGE)} else '' end as form, "userAgent" as agent, "user" as account,
      path in (select path from marked_path) or query in (select query from marked_query) or "userAgent" in (select "userAgent" from marked_agent) as marked
    from http_activity where path <> '' and "clientIp" <> '' and (path like '/%' or not ${sql.matches('path', '^[a-z]+://')})
      and not (product in ('zeek', 'suricata') and "serverIp" <> '' and not ${sql.isInternalAddress('"serverIp"')}
        and "serverIp" not in (select "serverIp" from web_server))`,
}

/**
 * `web_use`: how each client used each page of a site. Of all requests: `requests`, `firstTime`, `lastTime`, `linked` (with a referrer),
 * `missing` (refused or not there), `failed`, `marks` (of scanners), `goneTime` (last time it was not there). Of those that were served
 * (status below 400): `served`, `firstServed`, `hostName`, `posts`, `commands` (with a command in the address). Of those answered with
 * 200 and a body: `answers`, `smallest`; of those and of parts (206): `largest`.
 */
const webUse: PreparedTable = {
  name: 'web_use',
  query: sql => `with command as (${valuesThatMatch(sql, 'query', COMMANDS)})
    select site, page, client, count(*) as requests, min("time") as "firstTime", max("time") as "lastTime",
      count(*) filter (where v.linked) as linked, count(*) filter (where status in (400, 403, 404, 405, 501)) as missing,
      count(*) filter (where status >= 400) as failed, count(*) filter (where marked) as marks,
      max("time") filter (where status in (404, 410)) as "goneTime",
      count(*) filter (where status < 400) as served, min("time") filter (where status < 400) as "firstServed",
      max(host) filter (where status < 400) as "hostName", count(*) filter (where method = 'POST' and status < 400) as posts,
      count(*) filter (where status < 400 and command) as commands,
      count(*) filter (where status = 200 and bytes > 0) as answers, min(bytes) filter (where status = 200 and bytes > 0) as smallest,
      max(bytes) filter (where status in (200, 206)) as largest
    from (select *, query in (select query from command) as command from web_visit) v group by site, page, client`,
}

/** `web_page`: the pages of each site: `clients`, and of those who were served `users`; the sums and extremes of `web_use`. */
const webPage: PreparedTable = {
  name: 'web_page',
  query:
    () => `select site, page, count(*) as clients, count(*) filter (where u.served > 0) as users, min(u."firstServed") as "firstServed",
      max(u."goneTime") as "goneTime", ${sums('served', 'posts', 'answers')}, max(u.largest) as largest
    from web_use u group by site, page`,
}

/** `web_client`: the clients of each site, and whether they behave like scanners (`scans`). */
const webClient: PreparedTable = {
  name: 'web_client',
  query:
    () => `select site, client, min(u."firstTime") as "firstTime", max(u."lastTime") as "lastTime", ${sums('requests', 'served', 'linked')},
      (count(*) filter (where u.missing > 0) >= ${ENOUGH_MISSING_PATHS} and sum(u.failed) * 2 >= sum(u.requests)) or sum(u.marks) >= ${ENOUGH_MARKS} as scans
    from web_use u group by site, client`,
}

/** `web_site`: each site with the period its log covers, `people` and how many of its `requests` name a referrer (`linked`). */
const webSite: PreparedTable = {
  name: 'web_site',
  query:
    () => `select site, min(u."firstTime") as opened, max(u."lastTime") as closed, count(*) as people, ${sums('requests', 'linked')}
    from web_client u group by site`,
}

/** What the detectors over web logs read first; they look at requests only of the few pages that are left then. */
export const webTables: readonly PreparedTable[] = [webServers, webVisits, webUse, webPage, webClient, webSite]

/** Sums of the columns of `u`, as whole numbers: not every engine's sum of whole numbers is one. */
function sums(...columns: readonly string[]): string {
  return columns.map(column => `cast(sum(u.${column}) as bigint) as ${column}`).join(', ')
}
