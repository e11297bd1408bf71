import { isAddress, type Row, textOf } from '../../model/index.ts'

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
