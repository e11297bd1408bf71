import { isFetcher, isShell, isUserWritablePath } from '../../knowledge/programs.ts'
import {
  type EventOf,
  fileNameOf,
  isLoopback,
  isMachineAccount,
  type Match,
  type RecordDetector,
  type Severity,
} from '../../model/index.ts'
import { isWebWorkerImage } from './workers.ts'

const SCRIPT = /\.(?:aspx?|ashx|asmx|ascx|cer|asa|cshtml|soap|php[3-8]?|phtml|phar|jspx?|jspf|jsw|jhtml|cfm|cfc|war)$/i

/** Folders that web servers publish, on Windows and Linux; Exchange and SharePoint keep theirs under Program Files. */
export const WEB_ROOT =
  /[\\/](?:inetpub|wwwroot|htdocs|webapps?|public_html|www|httpproxy|clientaccess|aspnet_client|template[\\/]layouts|web server extensions|httpdocs|cfusion)[\\/]|^\/(?:srv\/www|usr\/share\/nginx|var\/www)\//i

/** Paths anybody on the internet may ask for without a log-on, where Microsoft ships fixed files only (CVE-2021-26855 and its kin were used to write here). */
const SIGN_IN_PAGES =
  /[\\/](?:httpproxy|clientaccess)[\\/](?:owa|ecp|oab|autodiscover)[\\/]|[\\/]aspnet_client[\\/]|[\\/]owa[\\/]auth[\\/]/i

/** Folders where servers themselves write compiled or cached pages. */
const GENERATED =
  /[\\/](?:temporary asp\.net files|work[\\/]catalina|cache|caches|sessions?|compiled|smarty|tmp|temp|var[\\/]cache|node_modules|vendor)[\\/]/i

export const INSTALLERS =
  /^(?:msdeploy|msdepsvc|msiexec|trustedinstaller|tiworker|exsetup|exsetupui|setup|psconfig|webplatforminstaller|wpi|git|svn|hg|rsync|docker|dockerd|containerd|dotnet|msbuild|npm|node|composer|octopus\.tentacle|tentacle|buildagent|agent\.worker|dpkg|rpm|apt|yum|unzip)(?:\.exe)?$/
const EDITORS =
  /^(?:notepad(?:\+\+)?|code|devenv|explorer|dreamweaver|winscp|filezilla(?: server)?|vim?|nano|webstorm64|phpstorm64|rider64|sublime_text|winmerge.*)(?:\.exe)?$/

interface Writer {
  readonly severity: Severity
  readonly who: string
  /** Did the web server write it itself, which a request made it do? */
  readonly isServer?: boolean
}

/** A new page among the published ones is what a web shell begins with. */
export const scriptWritten: RecordDetector<'file_activity' | 'smb_activity'> = {
  on: 'record',
  id: 'web-shell/script-written',
  title: 'Script written into a web root',
  reads: ['file_activity', 'smb_activity'],
  techniques: ['T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A script file in a published folder can be called by anybody who reaches the server; intruders keep their access that way.',
  innocent: 'a new version of the web application is put in place by hand or by a deployment tool',
  detect(event) {
    return event.kind === 'file_activity'
      ? written(event.action ?? '', event.path ?? '', event.image ?? '', event.user ?? '')
      : sharedWrite(event)
  },
}

function written(action: string, path: string, image: string, user: string): Match | undefined {
  if (action !== 'create' && action !== 'rename' && action !== 'write') return undefined
  if (!isPage(path)) return undefined
  const writer = writerOf(image, path)
  return {
    title: `${writer.who} wrote ${path}`,
    object: path,
    severity: writer.severity,
    techniques: !SIGN_IN_PAGES.test(path) ? ['T1505.003'] : writer.isServer ? ['T1190', 'T1505.003'] : ['T1505.003', 'T1190'],
    accounts: user === '' ? [] : [user],
  }
}

/** FILE_WRITE_DATA and FILE_APPEND_DATA of an access mask (learn.microsoft.com: File Access Rights Constants). */
const WRITE_RIGHTS = 0x2 | 0x4

function sharedWrite(share: EventOf<'smb_activity'>): Match | undefined {
  if (share.action !== 'write' && !((Number.parseInt(share.accessMask ?? '', 16) || 0) & WRITE_RIGHTS)) return undefined
  const drive = /([a-z])\$$/i.exec(share.share ?? '')?.[1]
  const full = `${drive === undefined ? (share.share ?? '') : `${drive}:`}\\${share.path ?? ''}`
  if (!isPage(full)) return undefined
  const signIn = SIGN_IN_PAGES.test(full)
  return {
    title: `${share.user || 'an account'}${share.srcIp ? ` from ${share.srcIp}` : ''} wrote ${full} over SMB`,
    object: full,
    severity: signIn ? 'high' : 'medium',
    // The server's own account at its own share: a request made the application write, nobody copied a file.
    techniques: !signIn
      ? ['T1505.003', 'T1570']
      : isMachineAccount(share.user ?? '') && isLoopback(share.srcIp ?? '')
        ? ['T1190', 'T1505.003']
        : ['T1505.003', 'T1190'],
    accounts: share.user ? [share.user] : [],
    addresses: share.srcIp ? [share.srcIp] : [],
    // a network sensor sees the share of another host
    ...(share.host === '' && share.dstIp ? { hosts: [share.dstIp] } : {}),
  }
}

function isPage(path: string): boolean {
  return SCRIPT.test(path) && WEB_ROOT.test(path) && !GENERATED.test(path)
}

function writerOf(image: string, path: string): Writer {
  const name = fileNameOf(image)
  const who = name === '' ? 'an unnamed process' : name
  if (INSTALLERS.test(name)) return { severity: 'informational', who }
  const open = SIGN_IN_PAGES.test(path)
  if (EDITORS.test(name)) return { severity: open ? 'medium' : 'low', who }
  if (isUserWritablePath(image)) return { severity: 'high', who }
  if (isWebWorkerImage(image)) {
    // a servlet container unpacks a deployed archive itself, page by page
    const unpacks = /^(?:java|tomcat)/.test(name) && /[\\/]webapps[\\/]/i.test(path)
    return { severity: open || !unpacks ? 'high' : 'medium', who, isServer: true }
  }
  if (isFetcher(image)) return { severity: 'high', who }
  // "System" writes for a client of the file server: the one who wrote sits elsewhere
  if (name === 'system' || isShell(image))
    return { severity: open ? 'high' : 'medium', who: name === 'system' ? 'System (a client over SMB)' : who }
  return { severity: open ? 'high' : 'medium', who }
}
