import type { EvidenceSample } from '../model/index.ts'
import { readFact } from './source-facts.ts'
import { zoneOfWindowsKey, zoneOfWindowsPlaces } from './windows-zones.ts'

/** Tools whose output is known by the shape of its tree. */
export type CollectionKind = 'Velociraptor' | 'KAPE' | 'UAC' | 'sosreport' | 'tree of a Linux machine'

/** Where an item lies in a collection. */
export interface CollectionPlace {
  readonly kind: CollectionKind
  /** Path of the collection's own folder or archive, as shown, with its last separator; '' when it is all there is. */
  readonly root: string
  /** Path on the machine: "C:\\inetpub\\wwwroot\\a.aspx", "/var/log/auth.log"; '' for files the tool wrote itself. */
  readonly original: string
}

/** What a file of a collection says about the machine it came from. */
export interface CollectionFacts {
  readonly host?: string
  readonly zone?: string
}

/** Folders of Velociraptor's uploads are named after the way a file was read: docs.velociraptor.app/docs/offline_triage. */
const VELOCIRAPTOR = /(?:^|[/!])uploads\/(?:auto|file|ntfs|lazy_ntfs|mft|raw_ntfs|ntfs_vss|raw_ext4|sparse|data)\//i
/** A letter as folder, and below it what lies at the top of a Windows volume: KAPE's targets, and whoever copies like it. */
const DRIVE =
  /(?:^|[/!])([A-Z])(?::|%3A)?\/(?=(?:windows|users|inetpub|programdata|program files(?: \(x86\))?|perflogs|documents and settings|\$extend|\$recycle\.bin|temp)(?:\/|$)|\$(?:mft|logfile|boot|j)(?:$|[_.]))/i
/** Unix-like Artifacts Collector keeps files below a folder of this name. */
const UAC = /(?:^|[/!])\[root\]\//
const SOSREPORT = /(?:^|[/!])sosreport-[^/!]+(?:\.tar(?:\.(?:xz|gz|bz2))?!)?\/(?:sosreport-[^/!]+\/)?/
/** What UAC writes beside `[root]`, whatever its archive was renamed to: tclahr.github.io/uac-docs, "output_directory" of its artifacts. */
const UAC_OWN =
  /^(.*?(?:^|[/!]))(?:live_response\/(?:containers|hardware|network|packages|process|storage|system|vms)\/|bodyfile\/bodyfile\.txt$|hash_executables\/|uac\.log(?:\.stderr)?$|hash_list\.(?:md5|sha1|sha256)$)/s
/** What only lies at the top of a Linux file system. */
const LINUX = /(?:^|[/!])(?=(?:var\/(?:log|spool|lib|www)|etc|home\/[^/]+|root\/\.|run\/log|usr\/lib\/systemd)\/)/

/** The place of an item in a collection, told by its path alone; undefined when it lies in none. */
export function placeInCollection(path: string): CollectionPlace | undefined {
  const velociraptor = VELOCIRAPTOR.exec(path)
  if (velociraptor) {
    const root = path.slice(0, velociraptor.index + separatorLength(velociraptor[0]))
    return { kind: 'Velociraptor', root, original: decodedPath(path.slice(velociraptor.index + velociraptor[0].length)) }
  }
  const own = /^(.*?)(?:client_info\.json|collection_context\.json|uploads\.json|log\.json|results\/[^/]+\.(?:json|csv))$/s.exec(
    path,
  )
  if (own && (own[1] === '' || /[/!]$/.test(own[1] ?? ''))) return { kind: 'Velociraptor', root: own[1] ?? '', original: '' }
  const uac = UAC.exec(path)
  if (uac)
    return {
      kind: 'UAC',
      root: path.slice(0, uac.index + separatorLength(uac[0])),
      original: `/${path.slice(uac.index + uac[0].length)}`,
    }
  const written = UAC_OWN.exec(path)
  if (written) return { kind: 'UAC', root: written[1] ?? '', original: '' }
  const drive = DRIVE.exec(path)
  if (drive) {
    const root = path.slice(0, drive.index + separatorLength(drive[0]))
    return { kind: 'KAPE', root, original: windowsPath(`${drive[1]}:/${path.slice(drive.index + drive[0].length)}`) }
  }
  const sos = SOSREPORT.exec(path)
  if (sos) {
    const inside = path.slice(sos.index + sos[0].length)
    return {
      kind: 'sosreport',
      root: path.slice(0, sos.index + sos[0].length),
      original: /^(?:etc|var|proc|sys|usr|run|boot|root|home)\//.test(inside) ? `/${inside}` : '',
    }
  }
  const linux = LINUX.exec(path)
  if (!linux) return undefined
  const root = path.slice(0, linux.index + linux[0].length)
  return { kind: 'tree of a Linux machine', root, original: `/${path.slice(root.length)}` }
}

/** The separator before a match, which belongs to the root. */
const separatorLength = (match: string) => (/^[/!]/.test(match) ? 1 : 0)

/** %XX of names that a file system does not take; a broken code stays as it is. */
function decodedPath(path: string): string {
  const plain = path.replace(/(?:%[0-9a-fA-F]{2})+/g, codes => {
    const bytes = Uint8Array.from(codes.slice(1).split('%'), hex => Number.parseInt(hex, 16))
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      return /[\u0000-\u001f\u007f]/.test(text) ? codes : text
    } catch {
      return codes // no UTF-8: a name of another encoding stays as it is
    }
  })
  const device = plain
    .replace(/^[\\/]{2}[.?][\\/]/, '')
    .replace(/^GLOBALROOT[\\/]Device[\\/]HarddiskVolumeShadowCopy\d+[\\/]/i, 'C:/')
  return /^[A-Za-z]:/.test(device) ? windowsPath(device) : `/${device.replace(/^\/+/, '')}`
}

const windowsPath = (path: string) => path.replaceAll('/', '\\')

const HOST = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){0,6}$/
const hostOf = (text: string | undefined): string | undefined => {
  const name = (text ?? '').trim().toLowerCase()
  return HOST.test(name) && !/^(?:localhost|localhost\.localdomain|unknown|none)$/.test(name) ? name : undefined
}

/** What an item that describes its collection says: its content decides, the name only says which kind it is. */
export function collectionFacts(path: string, sample: EvidenceSample): CollectionFacts | undefined {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('!')) + 1).toLowerCase()
  if (sample.encoding === undefined || sample.size > 1 << 20) return undefined
  const text = sample.lines.join('\n')
  if (name === 'client_info.json' || /^generic\.client\.info(?:%2f|\.|_)basicinformation\.json$/.test(name)) {
    const of = (member: string) => hostOf(new RegExp(`"${member}"\\s*:\\s*"([^"]{1,255})"`, 'i').exec(text)?.[1])
    return withFacts(of('fqdn') ?? of('hostname'), undefined)
  }
  if (name === 'hostname' || name === 'hostname.txt') return withFacts(hostOf(sample.lines[0]), undefined)
  if (name === 'uac.log') {
    const offset = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ([+-]\d{4}) (?:INF|CMD|DBG|ERR) /m.exec(text)?.[1]
    return withFacts(undefined, zoneOf(offset))
  }
  // Other abbreviations than that of UTC mean several zones.
  if (name === 'date' || name === 'date.txt')
    return /^\w{3} \w{3} {1,2}\d{1,2} \d\d:\d\d:\d\d (?:[AP]M )?UTC \d{4}\s*$/.test(sample.lines[0] ?? '')
      ? withFacts(undefined, 'UTC')
      : undefined
  const windows = windowsFacts(name, text)
  if (windows) return windows
  if (name === 'timezone') return withFacts(undefined, zoneOf(sample.lines[0]))
  if (/^timedatectl(?:\.txt|_status(?:\.txt)?)?$/.test(name))
    return withFacts(undefined, zoneOf(/Time ?zone: (\S{1,64})/i.exec(text)?.[1]))
  return undefined
}

/** `systeminfo` (learn.microsoft.com/windows-server/administration/windows-commands/systeminfo), and the registry key TimeZoneInformation exported. */
function windowsFacts(name: string, text: string): CollectionFacts | undefined {
  if (/systeminfo/.test(name)) {
    const host = hostOf(/^Host Name:\s+(\S{1,63})\s*$/m.exec(text)?.[1])
    const [, offset = '', places = ''] = /^Time Zone:\s+\(UTC([+-]\d\d:\d\d)?\) ?(.*?)\s*$/m.exec(text) ?? []
    const isKnown = /^Time Zone:\s+\(UTC/m.test(text)
    return withFacts(host, isKnown ? (zoneOfWindowsPlaces(places) ?? zoneOf(offset || 'UTC')) : undefined)
  }
  if (!/time_?-?zone|\.reg$/.test(name)) return undefined
  const key = /TimeZoneKeyName"?\s*(?:=|,|REG_SZ|RegSz)[\s,]*(?:RegSz,\s*)?"?([A-Za-z][^"\r\n,@]{2,60}?)"?\s*(?:[\r\n,]|$)/.exec(
    text,
  )?.[1]
  return withFacts(undefined, key === undefined ? undefined : zoneOfWindowsKey(key))
}

/** May a file of this name say something about the machine whose collection it lies beside? */
export const isTellingName = (path: string): boolean =>
  /(?:systeminfo[^/!]*\.txt|time_?-?zone[^/!]*\.(?:reg|txt|csv))$/i.test(path)

function withFacts(host: string | undefined, zone: string | undefined): CollectionFacts | undefined {
  if (host === undefined && zone === undefined) return undefined
  return { ...(host === undefined ? {} : { host }), ...(zone === undefined ? {} : { zone }) }
}

function zoneOf(text: string | undefined): string | undefined {
  const fact = readFact('zone', (text ?? '').trim())
  return 'problem' in fact ? undefined : fact.zone
}

/** Words of folders above a drive letter or a tree that name the tool or the case, not the machine. */
const NO_MACHINE =
  /^(?:kape|targets?|tout|tdest|modules?|mout|mdest|triage|evidence|collections?|uploads|output|export|case|data|files|logs?|linux|windows|artifacts?|disk|image|mnt|mount|root|tmp|temp|new|old|backup|\d+|\d{4}[-_]?\d\d[-_]?\d\d.*)$/i

/** The machine as the name of a collection says it: what the tools call their output, or the folder above the tree. */
export function hostInCollectionName({ kind, root }: Pick<CollectionPlace, 'kind' | 'root'>): string | undefined {
  const names = root
    .split(/!\/|[/!]/)
    .filter(Boolean)
    .map(name => name.replace(/\.(?:zip|tar|tgz|tar\.gz|tar\.xz|tar\.zst|tar\.bz2|tbz2?|7z|vhdx?)$/i, ''))
    .toReversed()
  for (const name of names) {
    const tool =
      /^Collection-(.+?)-\d{4}-\d\d-\d\dT/i.exec(name) ??
      /^uac-(.+)-(?:linux|macos|freebsd|netbsd|openbsd|netscaler|solaris|aix|esxi|android)-\d{8,14}$/i.exec(name) ??
      /^sosreport-([\w.]+)(?:-\w+)*-\d{4}-\d\d-\d\d/.exec(name)
    if (tool) return hostOf(tool[1]?.replace(/-(?:\d{6,}|case\w*)$/i, ''))
    if (kind !== 'KAPE') continue
    // KAPE names its target folder after the machine (%m), perhaps with the time of the run below it.
    if (!NO_MACHINE.test(name)) return /^[A-Za-z0-9][A-Za-z0-9-]{1,14}$/.test(name) ? hostOf(name) : undefined
  }
  return undefined
}
