import { attribute, tagsOf } from './xml-tags.ts'

/** One folder a web server publishes. */
export interface PublishedFolder {
  /** Address it is published under, "/" or "/shop", without a slash at the end. */
  readonly url: string
  readonly folder: string
  /** Site, virtual host or server name; '' when the file names none. */
  readonly site: string
  /** Line of the file, from 1. */
  readonly line: number
}

/** Folders told of one file at most; a hosting machine has some thousand sites. */
const MOST_FOLDERS = 20_000
/** Sections within sections; real files have four or five. */
const MOST_DEPTH = 64

export type ServerKind = 'iis' | 'httpd' | 'nginx' | 'tomcat'

/** Which server a text configures; undefined when it configures none that is known here. */
export function serverKindOf(text: string): ServerKind | undefined {
  if (/<system\.applicationHost>/i.test(text)) return 'iis'
  if (/<(?:Server|Context)\b/.test(text) && /\b(?:appBase|docBase)\s*=\s*["']/.test(text)) return 'tomcat'
  if (
    /^[ \t]*DocumentRoot\s+\S/im.test(text) ||
    (/^[ \t]*<VirtualHost\b/im.test(text) && /^[ \t]*(?:Script)?Alias\s+\//im.test(text))
  )
    return 'httpd'
  if (/^[ \t]*server\s*\{/m.test(text) && /^[ \t]*(?:root|alias)\s+[^;{}\n]+;/m.test(text)) return 'nginx'
  return undefined
}

/** The folders that a server configuration publishes, and under which address. */
export function publishedFolders(text: string): readonly PublishedFolder[] {
  const kind = serverKindOf(text)
  const found = kind === undefined ? [] : READERS[kind](text)
  return found.filter(({ folder }) => folder !== '').slice(0, MOST_FOLDERS)
}

const READERS: Record<ServerKind, (text: string) => readonly PublishedFolder[]> = { iis, httpd, nginx, tomcat }

const plainUrl = (url: string) => (url.startsWith('/') ? url : `/${url}`).replace(/\/+$/, '') || '/'
const joinedUrl = (a: string, b: string) => plainUrl(`${a}/${b}`.replaceAll(/\/+/g, '/'))
const unquoted = (text: string) => text.trim().replace(/^(["'])(.*)\1$/, '$2')
const plainFolder = (folder: string) => unquoted(folder).replace(/(?<=.)[\\/]+$/, '')

/** applicationHost.config: sites, applications, virtual directories (learn.microsoft.com: system.applicationHost/sites). */
function iis(text: string): readonly PublishedFolder[] {
  const found: PublishedFolder[] = []
  let site = ''
  let application = '/'
  for (const { name, attributes, line } of tagsOf(text)) {
    if (name === 'site') site = attribute(attributes, 'name')
    else if (name === 'application') application = attribute(attributes, 'path') || '/'
    else if (name === 'virtualdirectory') {
      // The variable is the drive of Windows, C: unless somebody moved it.
      const folder = attribute(attributes, 'physicalPath')
        .replace(/%(?:SystemDrive|HomeDrive)%/i, 'C:')
        .replace(/%(?:SystemRoot|windir)%/i, 'C:\\Windows')
      found.push({ url: joinedUrl(application, attribute(attributes, 'path') || '/'), folder: plainFolder(folder), site, line })
    }
  }
  return found
}

/** server.xml: hosts and contexts with folders of their own (tomcat.apache.org: The Context Container); relative ones depend on the installation. */
function tomcat(text: string): readonly PublishedFolder[] {
  const found: PublishedFolder[] = []
  let site = ''
  const isWhole = (folder: string) => /^(?:[a-z]:[\\/]|\/)/i.test(folder)
  for (const { name, attributes, line } of tagsOf(text)) {
    if (name === 'host') {
      site = attribute(attributes, 'name')
      const base = plainFolder(attribute(attributes, 'appBase'))
      if (isWhole(base)) found.push({ url: '/', folder: `${base}${base.includes('\\') ? '\\' : '/'}ROOT`, site, line })
    } else if (name === 'context') {
      const folder = plainFolder(attribute(attributes, 'docBase'))
      if (isWhole(folder)) found.push({ url: plainUrl(attribute(attributes, 'path')), folder, site, line })
    }
  }
  return found
}

/** httpd.conf and the files it includes: DocumentRoot, Alias, ScriptAlias (httpd.apache.org/docs/2.4/mod/core.html, mod_alias.html). */
function httpd(text: string): readonly PublishedFolder[] {
  const found: PublishedFolder[] = []
  let site = ''
  for (const [index, raw] of text.split('\n').entries()) {
    const words = [
      ...raw
        .trim()
        .slice(0, 2000)
        .matchAll(/"([^"]*)"|(\S+)/g),
    ].map(word => word[1] ?? word[2] ?? '')
    const [directive = '', first = '', second = ''] = words
    const line = index + 1
    switch (directive.toLowerCase()) {
      case '<virtualhost':
      case '</virtualhost>':
        site = ''
        break
      case 'servername':
        site = first
        break
      case 'documentroot':
        found.push({ url: '/', folder: plainFolder(first), site, line })
        break
      case 'alias':
      case 'scriptalias':
        if (first.startsWith('/') && second !== '') found.push({ url: plainUrl(first), folder: plainFolder(second), site, line })
    }
  }
  return found
}

/** nginx.conf: root and alias of servers and locations (nginx.org/en/docs/http/ngx_http_core_module.html). */
function nginx(text: string): readonly PublishedFolder[] {
  const found: PublishedFolder[] = []
  const open: { readonly block: string; readonly url: string }[] = []
  let site = ''
  for (const { words, end, line } of statementsOf(text)) {
    const [directive = '', ...values] = words
    const url = open.at(-1)?.url ?? '/'
    if (end === '}') {
      if (open.pop()?.block === 'server') site = ''
    } else if (end === '{') {
      // A location by expression has no address of its own that could be told.
      const own = directive === 'location' && !values[0]?.startsWith('~')
      if (open.length < MOST_DEPTH) open.push({ block: directive, url: own ? plainUrl(values.at(-1) ?? '/') : url })
    } else if (directive === 'server_name') site = values[0] ?? ''
    else if (directive === 'alias') found.push({ url, folder: plainFolder(values.join(' ')), site, line })
    else if (directive === 'root') {
      // A root keeps the address of its location as a folder below it.
      const folder = plainFolder(values.join(' '))
      found.push({ url, folder: url === '/' ? folder : `${folder}${url}`, site, line })
    }
  }
  return found
}

/** Longest statement that is read; a longer one is a certificate or a list and names no folder. */
const MOST_STATEMENT = 4_000

/** Statements of nginx, each with what ended it: ";", "{" or "}". */
function* statementsOf(
  text: string,
): Generator<{ readonly words: readonly string[]; readonly end: string; readonly line: number }> {
  let statement = ''
  let line = 1
  let begun = 1
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end - 1
    } else if (character === ';' || character === '{' || character === '}') {
      yield { words: statement.trim().split(/\s+/), end: character, line: begun }
      statement = ''
    } else {
      if (statement === '') begun = line
      if (statement !== '' || character.trim() !== '')
        statement = statement.length < MOST_STATEMENT ? statement + character : statement
      if (character === '\n') line++
    }
  }
}
