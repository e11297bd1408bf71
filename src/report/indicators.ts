import type { Confidence, EntityKind, Report, ReportFinding } from '../model/index.ts'
import { confidences, isAddress, isOutsideAddress, severities } from '../model/index.ts'
import { maskReport } from './masked-report.ts'
import { csvCell } from './text/csv.ts'
import { visibleLine } from './text/visible.ts'

type IndicatorType = 'address' | 'host' | 'account' | 'path' | 'md5' | 'sha1' | 'sha256'

interface Indicator {
  readonly type: IndicatorType
  readonly value: string
  firstSeen: string
  lastSeen: string
  confidence: Confidence
  readonly context: Set<string>
}

/** A finding below this is background (scanner noise, a bad password): its addresses are no indicators. */
const LEAST = severities.indexOf('low')
const MAX_CONTEXT = 4

/** ISO times sort as text; '' means unknown. */
const earlier = (a: string, b: string) => (a === '' || (b !== '' && b < a) ? b : a)
const later = (a: string, b: string) => (b > a ? b : a)
const stronger = (a: Confidence, b: Confidence) => (confidences.indexOf(b) > confidences.indexOf(a) ? b : a)

class Indicators {
  readonly all = new Map<string, Indicator>()

  add(type: IndicatorType, value: string, firstSeen: string, lastSeen: string, confidence: Confidence, context: string): void {
    if (value === '') return
    const key = `${type}\u0000${value.toLowerCase()}`
    const known = this.all.get(key)
    if (!known) {
      this.all.set(key, { type, value, firstSeen, lastSeen, confidence, context: new Set(context ? [context] : []) })
      return
    }
    known.firstSeen = earlier(known.firstSeen, firstSeen)
    known.lastSeen = later(known.lastSeen, lastSeen)
    known.confidence = stronger(known.confidence, confidence)
    if (context && known.context.size < MAX_CONTEXT) known.context.add(context)
  }
}

const typeOfEntity: Readonly<Partial<Record<EntityKind, IndicatorType>>> = {
  'outside-address': 'address',
  relay: 'address',
  'edge-device': 'host',
  host: 'host',
  account: 'account',
  file: 'path',
  'web-resource': 'path',
}

/** A digest as Sysmon ("Hashes: MD5=…,SHA256=…") and most other tools write it, with its name before it. */
const DIGEST = /\b(MD5|SHA1|SHA256)["']?\s*[=:]\s*["']?([0-9a-f]{32,64})\b/gi
const DIGEST_LENGTH = { md5: 32, sha1: 40, sha256: 64 } as const

function addDigests(finding: ReportFinding, into: Indicators): void {
  for (const record of finding.evidence)
    for (const [, name = '', value = ''] of record.excerpt.matchAll(DIGEST)) {
      const type = name.toLowerCase() as keyof typeof DIGEST_LENGTH
      if (value.length === DIGEST_LENGTH[type])
        into.add(type, value.toLowerCase(), record.time, record.time, finding.confidence, finding.title)
    }
}

function collect(report: Report): Indicators {
  const found = new Indicators()
  for (const finding of report.findings) {
    if (severities.indexOf(finding.severity) < LEAST) continue
    const add = (type: IndicatorType, value: string) =>
      found.add(type, value, finding.firstTime, finding.lastTime, finding.confidence, finding.title)
    for (const host of finding.hosts) add(isAddress(host) ? 'address' : 'host', host)
    for (const account of finding.accounts) add('account', account)
    for (const address of finding.addresses) add('address', address)
    addDigests(finding, found)
  }
  const fileDigests = new Map(
    report.generatedFrom.evidence.map(item => [item.path.replaceAll('\\', '/').toLowerCase(), item.sha256]),
  )
  for (const incident of report.incidents)
    for (const entity of incident.entities) {
      const type = typeOfEntity[entity.entity]
      if (!type) continue
      const context = entity.entity === 'relay' ? 'relay: other people’s device, weak and short-lived' : ''
      const add = (kind: IndicatorType, value: string) =>
        found.add(kind, value, entity.firstTime, entity.lastTime, incident.confidence, context)
      add(type === 'host' && isAddress(entity.name) ? 'address' : type, entity.name)
      if (entity.entity === 'relay' || entity.entity === 'outside-address')
        for (const address of entity.addresses) if (isOutsideAddress(address)) add('address', address)
      if (type === 'path') {
        const tail = entity.name.replaceAll('\\', '/').toLowerCase()
        // A digest belongs to the path only when a whole evidence item lies at that very path, on whatever root it was copied to.
        for (const [path, sha256] of fileDigests)
          if (tail.includes('/') && path.endsWith(tail.startsWith('/') ? tail : `/${tail}`)) add('sha256', sha256)
      }
    }
  return found
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** indicators.csv: addresses, hosts, accounts, paths and digests with first and last seen and confidence. */
export function renderIndicators(report: Report): string {
  const rows = [...collect(maskReport(report, Number.POSITIVE_INFINITY)).all.values()]
    .toSorted((a, b) => byText(a.type, b.type) || byText(a.value, b.value))
    .map(item => [item.type, item.value, item.firstSeen, item.lastSeen, item.confidence, [...item.context].join('; ')])
  return [['type', 'value', 'firstSeen', 'lastSeen', 'confidence', 'context'], ...rows]
    .map(row => `${row.map(text => csvCell(visibleLine(text))).join(',')}\r\n`)
    .join('')
}
