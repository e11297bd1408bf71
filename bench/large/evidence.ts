// A folder of any size by repetition: the example's company without its intrusion, again and again at other sites and later dates, event
// logs of ordinary machines beside it, public web traffic where the shared collection is present, and once the example with its intrusion.
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { generate } from '../../examples/generator/generate.ts'
import { sharedData } from '../../test/shared-data.ts'
import { writeCorpus } from '../event-log-corpus.ts'

/** A company of so many sites is still one that two people look after; more evidence means more years of it. */
const SITES = 40
/** Days of the example, and so the step from one repetition to the next. */
const DAYS = 14
/** A log is rotated after so many repetitions: files of 10 to 20 MB. */
const REPETITIONS_A_FILE = 16
/** Event logs are the larger part of what a collection brings. */
const EVENT_LOG_SHARE = 0.4
const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'guam')

/** One log to repeat: its place at a site, its text, and how its first lines are repeated. */
interface Log {
  readonly machine: string
  readonly name: string
  readonly text: string
  /** Lines of a header, which a file has once. */
  readonly header: string
}

/** Writes about `bytes` bytes below `directory`. */
export async function writeLargeEvidence(directory: string, bytes: number): Promise<void> {
  mkdirSync(directory, { recursive: true })
  cpSync(EXAMPLE, join(directory, 'guam'), { recursive: true })
  writeCorpus(join(directory, 'event-logs'), 'quiet', bytes * EVENT_LOG_SHARE)
  const logs = await logsToRepeat()
  const room = bytes * (1 - EVENT_LOG_SHARE)
  let written = 0
  for (let repetition = 0; written < room; repetition++)
    for (let site = 0; site < SITES && written < room; site++)
      for (const log of logs) written += appendCopy(join(directory, 'sites'), log, site, repetition)
}

async function logsToRepeat(): Promise<readonly Log[]> {
  const files = await generate(11, false)
  const text = (path: RegExp) =>
    [...files]
      .filter(([name]) => path.test(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, content]) => Buffer.from(name.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8'))
      .join('')
  const access = sharedData('web-and-auth-elastic', 'apache_access_10000.log.gz')
  return [
    log('fw01', 'traffic.log', text(/fw01\/.*\.gz$/)),
    log('web01', 'u_ex.log', text(/W3SVC1\//)),
    log('jump01', 'auth.log', text(/auth\.log$/)),
    log('sensor', 'conn.log', text(/conn\.log\.gz$/)),
    log('sensor', 'dns.log', text(/dns\.log\.gz$/)),
    ...(access === undefined ? [] : [log('www01', 'access.log', gunzipSync(readFileSync(access)).toString('utf8'))]),
  ]
}

function log(machine: string, name: string, text: string): Log {
  if (text === '') throw new Error(`the example has no ${name}`)
  const end = name === 'conn.log' || name === 'dns.log' ? text.search(/^[^#]/m) : 0
  return { machine, name, header: text.slice(0, end), text: text.slice(end).replace(/^#close.*\n/gm, '') }
}

function appendCopy(directory: string, { machine, name, text, header }: Log, site: number, repetition: number): number {
  const prefix = `${String.fromCharCode(97 + Math.floor(site / 26))}${String.fromCharCode(97 + (site % 26))}`
  const folder = join(directory, `${prefix}-${machine}`)
  if (repetition === 0) mkdirSync(folder, { recursive: true })
  const begins = repetition % REPETITIONS_A_FILE === 0
  const bytes = Buffer.from((begins ? header : '') + movedText(text, prefix, 20 + site, repetition * DAYS))
  const out = openSync(join(folder, `${name}.${Math.floor(repetition / REPETITIONS_A_FILE)}`), 'a')
  try {
    writeSync(out, bytes)
  } finally {
    closeSync(out)
  }
  return bytes.length
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Dates, seconds since 1970 with what follows them, networks of the site, and names of its machines. */
const MOVED =
  /\b(20\d\d-\d\d-\d\d)\b|\b(\d\d\/[A-Z][a-z]{2}\/20\d\d)\b|\b(16\d{8})(?=\d{9}\b|\.\d{6}\b)|\b10\.\d{1,3}\.(?=\d{1,3}\.\d)|\b[a-z]{2}-((?:fw|web|jump|dc|file|ws|eng|scada|softswitch|sensor)\d\d)\b/g

/** The same records at another site and so many days later. */
function movedText(text: string, prefix: string, network: number, days: number): string {
  const known = new Map<string, string>()
  const dateOf = (token: string, moved: () => string) => {
    const before = known.get(token) ?? moved()
    known.set(token, before)
    return before
  }
  return text.replace(
    MOVED,
    (_, iso: string | undefined, clf: string | undefined, epoch: string | undefined, host: string | undefined) => {
      if (iso !== undefined)
        return dateOf(iso, () =>
          dayAfter(Date.parse(`${iso}T00:00:00Z`), days)
            .toISOString()
            .slice(0, 10),
        )
      if (clf !== undefined)
        return dateOf(clf, () => {
          const [day = '', month = '', year = ''] = clf.split('/')
          const moved = dayAfter(Date.UTC(Number(year), MONTHS.indexOf(month), Number(day)), days)
          return `${String(moved.getUTCDate()).padStart(2, '0')}/${MONTHS[moved.getUTCMonth()]}/${moved.getUTCFullYear()}`
        })
      if (epoch !== undefined) return String(Number(epoch) + days * 86_400)
      return host === undefined ? `10.${network}.` : `${prefix}-${host}`
    },
  )
}

function dayAfter(time: number, days: number): Date {
  return new Date(time + days * 864e5)
}
