import { type Diagnostic, type Indicator, isInternalAddress } from '../../model/index.ts'
import { listIndicators } from './list.ts'
import { stixIndicators } from './stix.ts'

/** What a file of indicators holds; what cannot be used is said with its reason. */
export interface IndicatorFile {
  readonly indicators: readonly Indicator[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Says why something of a file is not used. */
export type Refuse = (code: string, record: number, message: string, hint?: string) => void

/** More indicators than analysts keep; what is above is a dump of a feed, and matching half the internet finds nothing. */
const MAX_INDICATORS = 200_000
/** Reasons are told this often one by one; the rest is counted. */
const MAX_TOLD = 20

/** Reads indicators: a STIX 2.1 bundle, a CSV list with a header, or one value a line. */
export function parseIndicators(text: string, path: string): IndicatorFile {
  const diagnostics: Diagnostic[] = []
  const counts = new Map<string, number>()
  const refuse: Refuse = (code, record, message, hint) => {
    const count = (counts.get(code) ?? 0) + 1
    counts.set(code, count)
    if (count <= MAX_TOLD)
      diagnostics.push({
        kind: 'diagnostic',
        code,
        level: 'warning',
        path,
        record,
        message,
        ...(hint === undefined ? {} : { hint }),
      })
  }
  const found = isStix(text) ? stixIndicators(text, path, refuse) : listIndicators(text, path, refuse)
  const unique = new Map<string, Indicator>()
  for (const indicator of found) {
    // Lists carry addresses of their author's own network by mistake, and by intent to make everybody a suspect.
    if (indicator.type === 'address' && isInternalAddress(indicator.value)) {
      refuse(
        'intel/internal-address',
        indicator.record,
        `${indicator.value} is an internal address: everybody has one; it is not looked for`,
      )
      continue
    }
    if (indicator.type === 'network' && !/^\d+\.\d+\.\d+\.\d+\/(?:[89]|[12]\d|3[0-2])$/.test(indicator.value)) {
      refuse('intel/network', indicator.record, `${indicator.value} is not looked for: networks are compared from IPv4 /8 on`)
      continue
    }
    const key = `${indicator.type} ${indicator.value}`
    const known = unique.get(key)
    unique.set(key, known ? later(known, indicator) : indicator)
    if (unique.size >= MAX_INDICATORS) {
      refuse('intel/too-many', indicator.record, `the file holds more than ${MAX_INDICATORS} indicators; the rest is not used`)
      break
    }
  }
  for (const [code, count] of counts)
    if (count > MAX_TOLD)
      diagnostics.push({
        kind: 'diagnostic',
        code,
        level: 'warning',
        path,
        message: `… and ${count - MAX_TOLD} more of the same kind`,
        count: count - MAX_TOLD,
      })
  return { indicators: [...unique.values()], diagnostics }
}

/** Two entries of one value: the one that was seen last stands, with the whole span. */
function later(a: Indicator, b: Indicator): Indicator {
  const [old, young] = (a.lastSeen ?? 0) > (b.lastSeen ?? 0) ? [b, a] : [a, b]
  const first = [old.firstSeen, young.firstSeen].filter(time => time !== undefined)
  return { ...young, firstSeen: first.length === 0 ? undefined : first.reduce((one, other) => (other < one ? other : one)) }
}

/** Does the text begin as a STIX bundle or object does? */
export function isStix(text: string): boolean {
  const head = text.slice(0, 65_536)
  return (
    /^\uFEFF?\s*[[{]/.test(head) &&
    /"(?:type|id)"\s*:\s*"(?:bundle|indicator|identity|malware|relationship|observed-data|marking-definition|report|threat-actor|intrusion-set|campaign|extension-definition)\b/.test(
      head,
    )
  )
}
