import type { SecurityEvent } from '../src/model/index.ts'
import { readers } from '../src/readers/registry.ts'
import { readText } from './text-part.ts'

/** One request of a made-up access log. */
export interface Visit {
  /** Minutes after the log begins. */
  readonly at: number
  readonly from: string
  /** "POST /a.aspx" */
  readonly ask: string
  readonly status?: number
  readonly bytes?: number
  readonly referrer?: string
  readonly agent?: string
  readonly user?: string
}

const BEGIN = Date.UTC(2024, 2, 4, 6, 0, 0)
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The events of an access log in combined format with these requests, in order of time. */
export function accessEvents(visits: readonly Visit[]): readonly SecurityEvent[] {
  const reader = readers.find(({ format }) => format === 'access-log')
  if (!reader) throw new Error('no reader for access logs')
  const lines = visits
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, from, ask, status = 200, bytes = 900, referrer = '-', agent = 'Mozilla/5.0', user = '-' }) => {
      const [date = '', clock = ''] = new Date(BEGIN + at * 60_000).toISOString().split(/[T.]/)
      const [year, month, day] = date.split('-')
      const when = `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock} +0000`
      return `${from} - ${user} [${when}] "${ask} HTTP/1.1" ${status} ${bytes} "${referrer}" "${agent}"`
    })
  return readText(reader, `${lines.join('\n')}\n`, { path: 'access.log', facts: { host: 'web01.example' } }).events
}

/** Ordinary visitors: `count` requests over `minutes`, from many addresses, linked from the start page. */
export function ordinaryVisits(count: number, minutes: number): readonly Visit[] {
  return Array.from({ length: count }, (_, index) => ({
    at: (index * minutes) / count,
    from: `198.51.100.${index % 50}`,
    ask: `GET /${['', 'news.php', 'about.php', 'style.css', 'contact.php'][index % 5]}`,
    bytes: 4000 + (index % 7) * 31,
    referrer: index % 5 === 0 ? '-' : 'https://www.example/',
  }))
}
