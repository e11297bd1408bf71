import { isAddress, isoFromMicros, MICROS_PER_DAY, type Micros, micros, microsFromParts } from '../model/index.ts'
import {
  type CollectionFacts,
  type CollectionPlace,
  collectionFacts,
  hostInCollectionName,
  isTellingName,
  placeInCollection,
} from './collections.ts'
import type { EvidenceFile } from './evidence-file.ts'
import { Hive } from './hive.ts'
import { hiveFacts } from './hive-facts.ts'
import { openBytes } from './part.ts'
import type { FactGuesses, Guess } from './source-facts.ts'

/** What an item shows about hosts and years; small, so that it can be kept for every item while the whole evidence is looked at. */
export interface FactHints {
  readonly path: string
  /** Time the container recorded for it. */
  readonly containerTime?: Micros
  /** Date in its name ("access.log-20230812"): it was rotated, so its last record is not later. */
  readonly nameDate?: Micros
  /** Month and day of its first line when its lines carry no year. */
  readonly firstDay?: { readonly month: number; readonly day: number }
  /** First time with a year in its lines. */
  readonly firstTime?: Micros
  /** Machines that its lines name as their origin, lower case. */
  readonly hosts?: readonly string[]
  /** A year written within a line of the very same day: "Aug 12 05:34:25 web01 app: 2023-08-12 05:34:25 started". */
  readonly innerYear?: number
  /** Where it lies in a collection. */
  readonly place?: CollectionPlace
  /** What it says about the machine of its collection. */
  readonly tells?: CollectionFacts
}

/** The hints of one item, from its name, its container and the sample of its text. */
export function hintsOf({
  path,
  sample,
  containerTime,
  file,
}: Pick<EvidenceFile, 'path' | 'sample' | 'containerTime'> & { readonly file?: string }): FactHints {
  const nameDate = dateInName(path)
  const first = sample.lines.map(yearlessDay).find(day => day !== undefined)
  const firstTime = sample.lines.map(timeWithYear).find(time => time !== undefined)
  const innerYear = first ? sample.lines.map(yearWithin).find(year => year !== undefined) : undefined
  const hosts = [...new Set(sample.lines.map(hostOfLine).filter(host => host !== undefined))].toSorted().slice(0, KEPT_HOSTS)
  const place = placeInCollection(path)
  const tells = isHive(sample) ? factsOfHive(file) : place || isTellingName(path) ? collectionFacts(path, sample) : undefined
  return {
    path,
    ...(place ? { place } : {}),
    ...(tells ? { tells } : {}),
    ...(containerTime === undefined ? {} : { containerTime }),
    ...(nameDate === undefined ? {} : { nameDate }),
    ...(first === undefined ? {} : { firstDay: first }),
    ...(firstTime === undefined || first !== undefined ? {} : { firstTime }),
    ...(innerYear === undefined ? {} : { innerYear }),
    ...(hosts.length === 0 ? {} : { hosts }),
  }
}

const isHive = ({ head }: EvidenceFile['sample']) => head[0] === 0x72 && head[1] === 0x65 && head[2] === 0x67 && head[3] === 0x66

/** What a registry hive (SYSTEM) says of the machine it comes from. */
function factsOfHive(file: string | undefined): CollectionFacts | undefined {
  if (file === undefined || file === '') return undefined
  const opened = openBytes(file)
  try {
    const hive = Hive.open(opened.bytes)
    return hive && hiveFacts(hive)
  } finally {
    opened.close()
  }
}

/**
 * What can be concluded about one item from itself and the others, each with its reason. Only from inside the evidence: the date of
 * today and the file times of a copy say nothing about when a log was written.
 */
export function guessFacts(hints: FactHints, others: readonly FactHints[] = []): FactGuesses {
  const host = hostInPath(hints.path)
  const year = hints.firstDay
    ? guessYear(
        hints,
        hints.firstDay,
        others.filter(other => folderOf(other.path) === folderOf(hints.path)),
      )
    : undefined
  return { ...(host === undefined ? {} : { host }), ...(year === undefined ? {} : { year }) }
}

/** What all items of one collection have in common, by the root of the collection. */
export function guessCollections(items: readonly FactHints[]): ReadonlyMap<string, FactGuesses> {
  const collections = Map.groupBy(
    items.filter((item): item is FactHints & { place: CollectionPlace } => item.place !== undefined),
    ({ place }) => place.root,
  )
  // `systeminfo.txt` and exports of the registry lie at the top of a collection, in no place of the machine.
  const beside = items.filter(({ place, tells }) => place === undefined && tells !== undefined)
  return new Map(
    [...collections].map(([root, own]) => {
      const members = [...own, ...(root === '' ? [] : beside.filter(({ path }) => path.startsWith(root)))]
      const host = hostOfCollection(root, own, members)
      const zoned = members.filter(({ tells }) => tells?.zone !== undefined).toSorted(bySureness)[0]
      const zone = zoned?.tells?.zone
      return [
        root,
        {
          ...(host === undefined ? {} : { host }),
          ...(zoned === undefined || zone === undefined
            ? {}
            : { zone: { value: zone, reason: `${nameOf(zoned.path)} of the collection says so` } }),
        },
      ]
    }),
  )
}

/** A named zone knows its daylight saving time; an offset is that of the day of the collection. */
function bySureness(a: FactHints, b: FactHints): number {
  const offset = ({ tells }: FactHints) => (/^[+-]/.test(tells?.zone ?? '') ? 1 : 0)
  return offset(a) - offset(b) || (a.path < b.path ? -1 : 1)
}

function hostOfCollection(
  root: string,
  members: readonly (FactHints & { place: CollectionPlace })[],
  telling: readonly FactHints[],
): Guess<string> | undefined {
  const told = telling.find(({ tells }) => tells?.host !== undefined)
  if (told?.tells?.host !== undefined) return { value: told.tells.host, reason: `${nameOf(told.path)} of the collection says so` }
  const [first] = members
  const named = first && hostInCollectionName({ kind: first.place.kind, root })
  if (named !== undefined) return { value: named, reason: `the name of the ${first?.place.kind} collection says so` }
  // A log that names its machine speaks for the logs beside it that do not; a collector's log names many.
  const hosts = new Set(members.flatMap(({ hosts = [] }) => hosts))
  const [only] = hosts
  const witness = members.find(member => member.hosts?.length === 1)
  return hosts.size === 1 && only !== undefined && witness
    ? { value: only, reason: `${nameOf(witness.path)} of the same tree names it` }
    : undefined
}

/** Guesses of one item with those of its collection, which knows the machine better than a path does. */
export function withCollection(own: FactGuesses, hints: FactHints, collections: ReadonlyMap<string, FactGuesses>): FactGuesses {
  if (!hints.place) return own
  const { original } = hints.place
  return { ...own, ...collections.get(hints.place.root), ...(original === '' ? {} : { originalPath: original }) }
}

type Day = { readonly month: number; readonly day: number }

function guessYear(hints: FactHints, first: Day, siblings: readonly FactHints[]): Guess<number> | undefined {
  if (hints.innerYear !== undefined) return { value: hints.innerYear, reason: 'a line repeats its date with this year' }
  if (hints.nameDate !== undefined)
    return { value: yearUpTo(first, hints.nameDate), reason: `the name says it was rotated on ${dateOf(hints.nameDate)}` }
  if (hints.containerTime !== undefined)
    return {
      value: yearUpTo(first, hints.containerTime),
      reason: `its archive says it was last changed on ${dateOf(hints.containerTime)}`,
    }
  return yearFromSiblings(hints, first, siblings)
}

function yearFromSiblings(hints: FactHints, first: Day, siblings: readonly FactHints[]): Guess<number> | undefined {
  const own = stemOf(hints.path)
  const rotated = siblings
    .filter(other => other.path !== hints.path && stemOf(other.path) === own)
    .map(other => ({ path: other.path, time: other.nameDate ?? other.containerTime }))
    .filter((other): other is { path: string; time: Micros } => other.time !== undefined)
    .toSorted((a, b) => b.time - a.time)[0]
  // This log went on where the youngest rotated one ended.
  if (rotated)
    return { value: yearFrom(first, rotated.time), reason: `${nameOf(rotated.path)} was rotated on ${dateOf(rotated.time)}` }
  // A log of another machine, or of nobody known, in the same folder may have been put there in any year.
  const dated = siblings
    .filter((other): other is FactHints & { firstTime: Micros } => other.path !== hints.path && other.firstTime !== undefined)
    .filter(other => stemOf(other.path) === own || sharesHost(hints, other))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const years = new Set(dated.map(other => yearNearest(first, other.firstTime)))
  const [year] = years
  const [witness] = dated
  // Neighbours that do not agree prove nothing.
  if (years.size !== 1 || year === undefined || !witness) return undefined
  const whose = stemOf(witness.path) === own ? 'of the same series' : 'of the same folder and machine'
  return { value: year, reason: `${nameOf(witness.path)} ${whose} begins on ${dateOf(witness.firstTime)}` }
}

/** Do the lines of both name one machine? */
const sharesHost = (one: FactHints, other: FactHints) => one.hosts?.some(host => other.hosts?.includes(host)) ?? false

const dateOf = (time: Micros) => isoFromMicros(time).slice(0, 10)
const yearOf = (time: Micros) => Number(isoFromMicros(time).slice(0, 4))
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1)

/** The name without date, number and compression of a rotated log: siblings share it. */
function stemOf(path: string): string {
  return nameOf(path)
    .replace(/\.(?:gz|zst|bz2|xz)$/i, '')
    .replace(/[-._](?:\d{8}|\d{4}-\d\d-\d\d|\d{1,3})$/, '')
}

/** A day of difference allows for a log in local time and a container in UTC. */
const SLACK = MICROS_PER_DAY

/** Last year in which this day is not after `end`: the first record of a log that ended then. */
function yearUpTo(first: Day, end: Micros): number {
  const year = yearOf(end)
  return dayIn(year, first) <= end + SLACK ? year : year - 1
}

function yearFrom(first: Day, begin: Micros): number {
  const year = yearOf(begin)
  return dayIn(year, first) >= begin - SLACK ? year : year + 1
}

function yearNearest(first: Day, time: Micros): number {
  const year = yearOf(time)
  const distance = (candidate: number) => Math.abs(dayIn(candidate, first) - time)
  return [year - 1, year, year + 1].toSorted((a, b) => distance(a) - distance(b))[0] ?? year
}

/** 29 February counts as 1 March in a year without one. */
function dayIn(year: number, { month, day }: Day): Micros {
  return micros(Date.UTC(year, month - 1, day) * 1000)
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const monthOf = (name: string) => MONTHS.indexOf(name.toLowerCase()) + 1

/** "Aug 12 05:34:25", with or without a priority before it: RFC 3164 section 4.1.2, which has no year. */
const YEARLESS = /^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:\d\d:\d\d(?![\d:]| \d{4}\b)/
const ISO_DATE = /\b((?:19|20)\d\d)-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)/
const CLF_DATE = /\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)/

/** The machine after the time of a syslog line: RFC 3164 section 4.1.2, RFC 5424 section 6.2.4, and RFC 3164 with an ISO time. */
const SYSLOG_HOST =
  /^(?:<\d{1,3}>)?(?:1 )?(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d|(?:19|20)\d\d-\d\d-\d\d[T ][\d:.,]{8,18}(?:Z|[+-]\d\d:?\d\d)?) ([\w.-]{1,253})(?= )/
/** The machine in structured records, by the names that exporters give it. */
const FIELD_HOST = /"(?:host|hostname|host\.name|computer|computer_name|devname)" ?: ?"([\w.-]{1,253})"/i
/** A collector's log names many machines; the first few by name are enough to compare. */
const KEPT_HOSTS = 64

function hostOfLine(line: string): string | undefined {
  return (SYSLOG_HOST.exec(line) ?? FIELD_HOST.exec(line))?.[1]?.toLowerCase()
}

function yearlessDay(line: string): Day | undefined {
  const match = YEARLESS.exec(line)
  const month = monthOf(match?.[1] ?? '')
  const day = Number(match?.[2] ?? 0)
  return month > 0 && day >= 1 && day <= 31 ? { month, day } : undefined
}

/** Seconds are enough here, and a zone changes a date by a day at most. */
function timeWithYear(line: string): Micros | undefined {
  const iso = ISO_DATE.exec(line)
  if (iso) return civil(Number(iso[1]), Number(iso[2]), iso.slice(3))
  const clf = CLF_DATE.exec(line)
  return clf ? civil(Number(clf[3]), monthOf(clf[2] ?? ''), [clf[1] ?? '', ...clf.slice(4)]) : undefined
}

function civil(year: number, month: number, rest: readonly string[]): Micros | undefined {
  const [day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number)
  return microsFromParts({ year, month, day, hour, minute, second })
}

/** Year of a date within a line, when it is the day of the line itself; the build date of a kernel in a boot message is another day. */
function yearWithin(line: string): number | undefined {
  const own = yearlessDay(line)
  const inner = timeWithYear(line)
  if (!own || inner === undefined) return undefined
  const year = yearNearest(own, inner)
  return Math.abs(dayIn(year, own) - inner) <= 2 * MICROS_PER_DAY ? year : undefined
}

/** A date at the end of a rotated name, before its compression: "-20230812", ".2023-08-12". */
function dateInName(path: string): Micros | undefined {
  const match = /[-._]((?:19|20)\d\d)-?(\d\d)-?(\d\d)(?:\.(?:log|txt|gz|zst|bz2|xz))*$/i.exec(nameOf(path))
  return match ? civil(Number(match[1]), Number(match[2]), [match[3] ?? '', '23', '59', '59']) : undefined
}

/**
 * What machines are called in practice: a role and a number ("web01", "hq-dc2", "acmesql03"), a default Windows name, a full name, an
 * address. Short roles need a hyphen before them, or "report1" would be a router.
 */
const ROLE =
  /^(?:(?:[a-z]{2,8}-)?(?:dc|db|mx|ns|fw|gw|rt|sw|ot|pc|ws|fs|lt|ex|ews|eng|hmi|host|node)|(?:[a-z]{2,8}-?)?(?:web|www|srv|server|adc|app|sql|mail|dns|vpn|proxy|router|switch|edge|scada|historian|jump|bastion|exch|iis|tomcat|wks|wkst|laptop|asa|fgt))-?\d{1,4}[a-z]?$/
const DEFAULT_WINDOWS = /^(?:desktop|win|laptop)-[a-z0-9]{6,12}$/
/** The last label is a country, a well-known generic domain, or one that organisations use inside. */
const FULL_NAME =
  /^(?=.{6,253}$)[a-z][a-z0-9-]{0,62}(?:\.[a-z0-9-]{1,63})+\.(?:[a-z]{2}|com|net|org|edu|gov|mil|int|info|biz|example|test|local|localdomain|lan|internal|intranet|corp|home)$/
const FILE_ENDING =
  /\.(?:log|txt|json|jsonl|ndjson|csv|evtx|gz|zst|zip|tar|tgz|xml|php|aspx?|jspx?|html?|js|conf|cfg|ya?ml|md|bak|old|d|labeled|pcap|cc|h|py|sh)$/

function isHostLike(token: string): boolean {
  return (
    ROLE.test(token) ||
    DEFAULT_WINDOWS.test(token) ||
    (FULL_NAME.test(token) && !FILE_ENDING.test(token)) ||
    (isAddress(token) && token.includes('.'))
  )
}

/** Host in the nearest part of a path that looks like one: the file name first, then the folders upwards. */
function hostInPath(path: string): Guess<string> | undefined {
  const segments = path.toLowerCase().replaceAll('!/', '/').split('/').toReversed()
  for (const [index, segment] of segments.entries()) {
    const what = index === 0 ? 'the file name' : `the folder ${segment}`
    const bare = index === 0 ? segment.replace(/(?:\.(?:log|txt|json|csv|evtx|gz|zst))+$/, '') : segment
    const token = [bare, ...bare.split(/[_ ]/), ...(index === 0 ? bare.split('.') : [])].find(isHostLike)
    if (token !== undefined) return { value: token, reason: `${what} says so` }
  }
  return undefined
}
