import { compareSeverity, type Finding } from '../../model/index.ts'
import { type CaseFinding, isNoiseFromOutside } from '../case-finding.ts'

/** Where a web shell shows: as a file, in the requests to it, in the processes it starts. */
export type Side = 'file' | 'requests' | 'process'

export const sides: readonly Side[] = ['file', 'requests', 'process']

/** Detectors that read requests; they name the page in their object, the deed of putting it there names the form. */
const BY_REQUESTS = new Set([
  'web-shell/lone-page',
  'web-shell/upload-then-page',
  'web-shell/page-uploaded',
  'web-shell/exploit-then-page',
  'web-shell/tunnel-page',
  'web-shell/large-answers',
  'web-shell/static-answers',
])
const BY_PROCESS = new Set(['web-shell/worker-starts-shell', 'web-shell/worker-connects'])
/** Detectors of this area that are about something else than one page. */
const NO_PAGE = new Set(['web-shell/scanner', 'web-shell/manager-login', 'web-shell/served-archive'])

/** The side a finding shows of a web shell; undefined when it is about none, was only tried, or somebody vouches for it. */
export function sideOf(entry: CaseFinding): Side | undefined {
  const { finding } = entry
  if (isNoiseFromOutside(finding) || compareSeverity(finding.severity, 'low') < 0) return undefined
  const rules = finding.witnesses
    .filter(({ source }) => source === 'barograph')
    .map(({ rule }) => rule)
    .filter(rule => rule.startsWith('web-shell/') && !NO_PAGE.has(rule))
  if (rules.some(rule => BY_REQUESTS.has(rule))) return 'requests'
  if (rules.some(rule => BY_PROCESS.has(rule))) return 'process'
  return rules.length > 0 && segmentsOf(pageOf(finding)).length > 0 ? 'file' : undefined
}

/** The page or file a finding is about. */
export function pageOf(finding: Pick<Finding, 'object'>): string {
  return finding.object.replace(/ \(compiled\)$/, '')
}

/** "c:\\inetpub\\wwwroot\\a.aspx" gives inetpub, wwwroot, a.aspx; what follows "!" lies inside an archive. */
export function segmentsOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .replace(/;.*$/, '')
    .split(/[\\/!]+/)
    .filter(part => part !== '' && !/^[a-z]:$/.test(part))
    .map(part => part.replace(/\.(?:zip|tar|tgz|tar\.gz|7z)$/, ''))
}

/** Folders that a server publishes as its top, by the conventions of IIS, Apache, nginx, Tomcat and hosting panels. */
const TOPS = /^(?:wwwroot|htdocs|html|public_html|httpdocs|www|root|docroot|webroot)$/

/** How a file and the address it is called by belong together. */
export interface Mapping {
  /** Parts the two paths have in common at their ends. */
  readonly shared: number
  /** The folder that would be published under "/", in the spelling of the file's path; '' when the address names more than the file's path. */
  readonly root: string
  /** Told by the server's own configuration, or only by the look of both paths. */
  readonly basis: 'configuration' | 'inferred'
}

/** A folder that the configuration of a machine's web server publishes. */
export interface Published {
  readonly machine: string
  readonly url: string
  readonly folder: string
}

/** How a file and an address belong together on a machine; undefined when they do not. */
export type Answers = (machine: string, file: string, url: string) => Mapping | undefined

const slashed = (path: string) =>
  path
    .toLowerCase()
    .replaceAll(/[\\/]+/g, '/')
    .replace(/\/$/, '')

/** Asks the configuration first: where it covers the file it decides, else the paths do. */
export function answersBy(folders: readonly Published[], isSame: (a: string, b: string) => boolean): Answers {
  return (machine, file, url) => {
    const plain = slashed(file)
    const covering = folders.filter(entry => isSame(entry.machine, machine) && plain.startsWith(`${slashed(entry.folder)}/`))
    if (covering.length === 0) return mappingOf(file, url)
    const told = covering.find(
      entry => `${slashed(entry.url)}${plain.slice(slashed(entry.folder).length)}` === slashed(url.replace(/;.*$/, '')),
    )
    return told && { shared: segmentsOf(url).length, root: told.folder, basis: 'configuration' }
  }
}

/**
 * Can a request for `url` have been answered by `file`? Without the server's own configuration the common end of both paths decides: the
 * whole of the shorter one, and for a page at the very top no published folder may lie deeper than the file's own.
 */
export function mappingOf(file: string, url: string): Mapping | undefined {
  const a = segmentsOf(file)
  const b = segmentsOf(url)
  let shared = 0
  while (shared < Math.min(a.length, b.length) && a[a.length - 1 - shared] === b[b.length - 1 - shared]) shared++
  if (shared === 0 || shared < Math.min(a.length, b.length)) return undefined
  const top = a.findLastIndex(part => TOPS.test(part))
  // "/a.aspx" is not "wwwroot/sub/a.aspx": below a known top the whole rest is the address.
  if (b.length === 1 && top >= 0 && top < a.length - 2) return undefined
  const cut = b.length <= a.length ? tailStart(file, b.length) : -1
  return { shared, root: cut <= 0 ? '' : file.slice(0, cut), basis: 'inferred' }
}

/** Where the last `count` parts of a path begin, without the separator before them. */
function tailStart(path: string, count: number): number {
  let at = path.length
  for (let index = 0; index < count; index++) {
    const before = path.slice(0, at)
    at = Math.max(before.lastIndexOf('\\'), before.lastIndexOf('/'))
    if (at < 0) return -1
  }
  return at
}
