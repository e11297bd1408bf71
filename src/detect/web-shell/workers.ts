import { bareAccountName, type EventOf, fileNameOf, isMachineAccount } from '../../model/index.ts'

const WORKERS =
  /^(?:w3wp|iisexpress|httpd(?:-prefork|\.worker)?|apache2?|nginx|openresty|caddy|frankenphp|php-cgi|php-fpm[\d.]*|tomcat\d*w?|umworkerprocess|umservice|coldfusion|jrun|jrunsvc|lighttpd|litespeed|lsphp[\d.]*|ws_tomcatservice|beasvc|wlsvcx?)(?:\.exe)?$/

/** Marks of a Java that serves web pages: its folder or command line names the server or the product around it. */
const JAVA_SERVER =
  /tomcat|catalina|jboss|wildfly|jetty|undertow|weblogic|websphere|glassfish|payara|coldfusion|cfusion|manageengine|adventnet|zoho|adselfservice|adaudit|admanager|desktopcentral|servicedesk|supportcenter|passwordmanagerpro|opmanager|eventlog ?analyzer|atlassian|confluence|jira|bitbucket|crowd|versa|solr|activemq|zimbra|geoserver|vmware|openfire|teamcity|papercut|screenconnect|goanywhere|crushftp|sysaid|netweaver|ofbiz|liferay|alfresco|nexus|springframework\.boot|\.war\b|[\\/]webapps?[\\/]/

/** Java that builds or edits software starts shells all day. */
const JAVA_TOOL =
  /gradle|maven|\bmvn\b|jenkins-agent|agent\.jar|intellij|\\idea|eclipse|android[ -]studio|\bsbt\b|bazel|launcher\.jar -warmup|minecraft/

/** Accounts that Linux distributions run web servers under, and nothing else. */
const WEB_ACCOUNTS = /^(?:www-data|apache|nginx|wwwrun|httpd|http|www|tomcat\d*|jetty|lighttpd)$/

/**
 * The web server program that started this process, as a short name ("w3wp.exe", "java (tomcat)"); undefined when the parent is none.
 * Where a log names no parent, the account that only web servers have says as much.
 */
export function webWorkerOf(process: EventOf<'process_activity'>): string | undefined {
  const parent = fileNameOf(process.parentImage ?? '')
  if (parent === '') {
    // The audit log names no parents; a session of its own (cron, log-in) is what a server's processes never have.
    if (process.product === 'auditd' && (process.logonId ?? '') !== '') return undefined
    const account = bareAccountName(process.user ?? '')
    return WEB_ACCOUNTS.test(account) ? `a process of ${account}` : undefined
  }
  if (WORKERS.test(parent)) return parent
  if (!isJava(parent)) return undefined
  const where = `${process.parentImage} ${process.parentCommandLine ?? ''} ${process.currentDirectory ?? ''}`.toLowerCase()
  if (JAVA_TOOL.test(where)) return undefined
  const server = JAVA_SERVER.exec(where)?.[0].replaceAll(/[\\/.]/g, '')
  return server === undefined ? undefined : `${parent} (${server})`
}

/** A Java that runs as a service, of which nothing says what it serves: products bring their own and name it as they like. */
export function isServiceJava(process: EventOf<'process_activity'>): boolean {
  if (!isJava(fileNameOf(process.parentImage ?? '')) || !isMachineAccount(process.user ?? '')) return false
  return (process.user ?? '') !== '' && !JAVA_TOOL.test(`${process.parentImage} ${process.parentCommandLine ?? ''}`.toLowerCase())
}

const isJava = (name: string) => /^javaw?(?:\.exe)?$/.test(name)

/** Is the image itself a web server program (or a Java, which may be one)? */
export function isWebWorkerImage(image: string): boolean {
  const name = fileNameOf(image)
  return WORKERS.test(name) || isJava(name)
}

/** Is the image a web server program, or a Java in the folder of one? */
export function isServerProgram(image: string): boolean {
  const name = fileNameOf(image)
  return WORKERS.test(name) || (isJava(name) && JAVA_SERVER.test(image.toLowerCase()) && !JAVA_TOOL.test(image.toLowerCase()))
}

/** The IIS application pool a process ran in: from the worker's command line (-ap "DefaultAppPool") or the virtual account. */
export function applicationPoolOf(process: EventOf<'process_activity'>): string | undefined {
  const named = /\s-ap\s+(?:"([^"]+)"|(\S+))/i.exec(process.parentCommandLine ?? '')
  return named?.[1] ?? named?.[2] ?? poolOfAccount(process.user ?? '')
}

/** "IIS APPPOOL\DefaultAppPool" gives "DefaultAppPool". */
export function poolOfAccount(user: string): string | undefined {
  return /^iis apppool\\(.+)$/i.exec(user)?.[1]
}
