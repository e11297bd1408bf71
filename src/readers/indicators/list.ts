import { type Indicator, MICROS_PER_DAY, type Micros, micros, microsFromIso } from '../../model/index.ts'
import { csvCells } from '../carriers/csv-line.ts'
import type { Refuse } from './parse.ts'
import { guessed, type TypedValue, typedAs, typeOfWord } from './value.ts'

type Column = 'value' | 'type' | 'title' | 'source' | 'firstSeen' | 'lastSeen' | 'validUntil' | 'grade'

/** Header words of lists in use, MISP's CSV export and our own indicators.csv among them. */
const COLUMNS: Readonly<Record<string, Column>> = {
  value: 'value',
  indicator: 'value',
  ioc: 'value',
  iocvalue: 'value',
  observable: 'value',
  ip: 'value',
  ipaddress: 'value',
  domain: 'value',
  hash: 'value',
  sha256: 'value',
  type: 'type',
  indicatortype: 'type',
  ioctype: 'type',
  title: 'title',
  name: 'title',
  description: 'title',
  comment: 'title',
  context: 'title',
  malware: 'title',
  tags: 'title',
  source: 'source',
  reference: 'source',
  provider: 'source',
  firstseen: 'firstSeen',
  first: 'firstSeen',
  validfrom: 'firstSeen',
  start: 'firstSeen',
  lastseen: 'lastSeen',
  last: 'lastSeen',
  end: 'lastSeen',
  date: 'lastSeen',
  validuntil: 'validUntil',
  expires: 'validUntil',
  expiration: 'validUntil',
  confidence: 'grade',
  grade: 'grade',
  score: 'grade',
}

const columnOf = (word: string): Column | undefined => {
  const key = word.toLowerCase().replace(/[^a-z0-9]/g, '')
  return Object.hasOwn(COLUMNS, key) ? COLUMNS[key] : undefined
}

/** Is the line the header of a list of indicators: a value and at least one more column that says what or when? */
export function isListHeader(line: string): boolean {
  const columns = csvCells(line.replace(/^\uFEFF/, ''), separatorOf(line)).map(columnOf)
  return columns.includes('value') && (columns.includes('type') || columns.includes('firstSeen') || columns.includes('lastSeen'))
}

function separatorOf(line: string): string {
  return [',', ';', '\t'].toSorted((a, b) => line.split(b).length - line.split(a).length)[0] ?? ','
}

/** Indicators of a CSV list with a header, or of a text with one value a line (# begins a remark). */
export function* listIndicators(text: string, path: string, refuse: Refuse): Generator<Indicator> {
  let columns: readonly (Column | undefined)[] | undefined
  let separator = ','
  let number = 0
  for (const raw of linesOf(text)) {
    number++
    const line = raw.trim()
    if (line === '' || line.startsWith('#') || line.startsWith('//')) continue
    if (columns === undefined) {
      separator = separatorOf(line)
      const header = csvCells(line.replace(/^\uFEFF/, ''), separator).map(columnOf)
      const isHeader = header.includes('value')
      columns = isHeader ? header : ['value']
      if (isHeader) continue
    }
    const cells = csvCells(line, separator)
    const said = (column: Column): string => {
      const at = columns?.indexOf(column) ?? -1
      return at < 0 ? '' : (cells[at] ?? '').trim()
    }
    const typed = typedValueOf(said('type'), said('value'))
    if (!typed) {
      refuse(
        'intel/unreadable-line',
        number,
        `line ${number} is not used: "${said('value').slice(0, 60)}" is no address, domain, digest, path, URL or user agent we know`,
      )
      continue
    }
    const first = timeOf(said('firstSeen'), false)
    const last = timeOf(said('lastSeen'), true)
    yield {
      ...typed,
      title: said('title').slice(0, 300),
      source: said('source').slice(0, 300),
      firstSeen: first,
      lastSeen: last ?? first,
      validUntil: timeOf(said('validUntil'), true),
      grade: gradeOf(said('grade')),
      path,
      record: number,
    }
  }
}

function* linesOf(text: string): Generator<string> {
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf('\n', at)
    yield text.slice(at, end < 0 ? undefined : end)
    if (end < 0) return
    at = end + 1
  }
}

function typedValueOf(word: string, text: string): TypedValue | undefined {
  const type = typeOfWord(word)
  if (type !== undefined) return typedAs(type, text)
  // A type we do not know (mutex, email) is not looked for under another.
  return word === '' ? guessed(text) : undefined
}

/** A date, a date-time, or seconds since 1970; a date that ends something ends with the day. */
function timeOf(text: string, isEnd: boolean): Micros | undefined {
  if (text === '') return undefined
  if (/^\d{10}$/.test(text)) return micros(Number(text) * 1_000_000)
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const day = microsFromIso(`${text}T00:00:00Z`)
    return day === undefined || !isEnd ? day : micros(day + MICROS_PER_DAY - 1)
  }
  return microsFromIso(text)
}

const GRADES: Readonly<Record<string, number>> = { high: 85, moderate: 50, medium: 50, low: 15, none: 0 }

/** 0 to 100; words as STIX's scale "None / Low / Med / High" reads them (STIX 2.1, appendix A). */
function gradeOf(text: string): number | undefined {
  if (/^\d{1,3}(?:\.\d+)?%?$/.test(text)) return Math.min(100, Number.parseFloat(text))
  const key = text.toLowerCase()
  return Object.hasOwn(GRADES, key) ? GRADES[key] : undefined
}
