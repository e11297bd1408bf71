import { type EventOf, fileNameOf } from '../../model/index.ts'

const WORKERS =
  /^(?:w3wp|httpd(?:-prefork)?|apache2?|nginx|php-cgi|php-fpm[\d.]*|tomcat\d*w?|umworkerprocess|umservice|coldfusion|jrun|jrunsvc|lighttpd|litespeed|lsphp[\d.]*|ws_tomcatservice|beasvc|wlsvcx?)(?:\.exe)?$/

/** Marks of a Java that serves web pages: its folder or command line names the server or the product around it. */
const JAVA_SERVER =
  /tomcat|catalina|jboss|wildfly|jetty|weblogic|websphere|glassfish|coldfusion|manageengine|adselfservice|desktopcentral|servicedesk|atlassian|confluence|jira|versa|solr|activemq|zimbra|geoserver|vmware|openfire|teamcity|papercut|screenconnect|goanywhere/

/** Java that builds or edits software starts shells all day. */
const JAVA_TOOL =
  /gradle|maven|\bmvn\b|jenkins-agent|agent\.jar|intellij|\\idea|eclipse|android[ -]studio|\bsbt\b|bazel|launcher\.jar -warmup|minecraft/

/** The web server program that started this process, as a short name ("w3wp.exe", "java (tomcat)"); undefined when the parent is none. */
export function webWorkerOf(process: EventOf<'process_activity'>): string | undefined {
  const parent = fileNameOf(process.parentImage ?? '')
  if (parent === '') return undefined
  if (WORKERS.test(parent)) return parent
  if (!/^javaw?(?:\.exe)?$/.test(parent)) return undefined
  const where = `${process.parentImage} ${process.parentCommandLine ?? ''} ${process.currentDirectory ?? ''}`.toLowerCase()
  if (JAVA_TOOL.test(where)) return undefined
  const server = JAVA_SERVER.exec(where)?.[0]
  return server === undefined ? undefined : `${parent} (${server})`
}

/** Is the image itself a web server program (or a Java, which may be one)? */
export function isWebWorkerImage(image: string): boolean {
  const name = fileNameOf(image)
  return WORKERS.test(name) || /^javaw?(?:\.exe)?$/.test(name)
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
