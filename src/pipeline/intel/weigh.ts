import { type Confidence, type Indicator, isoFromMicros, MICROS_PER_DAY, type Micros, type Severity } from '../../model/index.ts'

/** How an indicator counts at the time it was met, and why. */
export interface Weight {
  readonly severity: Severity
  readonly confidence: Confidence
  readonly sentence: string
  readonly innocent: string
}

interface Lifetime {
  /** Days after it was last seen in which it still means what it meant. */
  readonly fresh: number
  /** Days after which it means next to nothing; undefined where it does not age. */
  readonly stale: number | undefined
  readonly strongest: Severity
  readonly ages: string
  readonly innocent: string
}

/**
 * How long each type lives. Relay exits change within about a month (Mandiant on relay networks), bots live 17 days on average
 * (Lumen on Raptor Train), and of 21 servers of the KV network dated December 2023 twelve had been active for less than three months;
 * its TLS certificate was still in use in 2026.
 */
const LIFETIMES: Readonly<Record<Indicator['type'], Lifetime>> = {
  address: {
    fresh: 31,
    stale: 92,
    strongest: 'medium',
    ages: 'relay addresses change hands within weeks',
    innocent: 'the address belongs to somebody else by now, or many share it (address translation of a provider, a VPN service)',
  },
  network: {
    fresh: 31,
    stale: 92,
    strongest: 'low',
    ages: 'a whole network holds many who have nothing to do with it',
    innocent: 'another customer of the same provider',
  },
  domain: {
    fresh: 183,
    stale: 730,
    strongest: 'medium',
    ages: 'domains are given up, seized and bought again',
    innocent: 'a mail filter, a scanner or an analyst looked the name up, or it was seized since',
  },
  url: {
    fresh: 92,
    stale: 365,
    strongest: 'medium',
    ages: 'what lies at an address changes',
    innocent: 'a page of the same name, or a scanner that tries it everywhere',
  },
  hash: {
    fresh: 0,
    stale: undefined,
    strongest: 'medium',
    ages: '',
    innocent: 'a public tool that administrators use, too: look at who ran it',
  },
  certificate: {
    fresh: 0,
    stale: undefined,
    strongest: 'medium',
    ages: '',
    innocent: 'a certificate that comes with a product or a toolkit and is used by others',
  },
  path: { fresh: 0, stale: undefined, strongest: 'low', ages: '', innocent: 'another file of that name in a usual place' },
  'file-name': {
    fresh: 0,
    stale: undefined,
    strongest: 'informational',
    ages: '',
    innocent: 'file names are free: most files of this name are something else',
  },
  'user-agent': {
    fresh: 0,
    stale: undefined,
    strongest: 'low',
    ages: '',
    innocent: 'an old browser of that name, or a scanner that copies it',
  },
  ja3: {
    fresh: 0,
    stale: undefined,
    strongest: 'low',
    ages: '',
    innocent: 'every program with the same TLS library has this fingerprint',
  },
  'registry-key': { fresh: 0, stale: undefined, strongest: 'low', ages: '', innocent: 'the key is there for another reason' },
}

/** Below this its own author doubts it (STIX 2.1, appendix A: 15 is "low", 50 "medium"). */
const DOUBTED = 30

/** Weighs an indicator by its type, its age when the records met it, and its author's grade. */
export function weigh(
  indicator: Indicator,
  met: { readonly first: Micros | undefined; readonly last: Micros | undefined },
): Weight {
  const life = LIFETIMES[indicator.type]
  const steps = ageOf(indicator, life, met)
  const doubted = indicator.grade !== undefined && indicator.grade < DOUBTED
  const order: readonly Severity[] = ['informational', 'low', 'medium']
  const at = Math.max(0, order.indexOf(life.strongest) - steps.down - (doubted ? 1 : 0))
  const grade =
    indicator.grade === undefined
      ? 'its author gives no grade'
      : `its author's confidence is ${Math.round(indicator.grade)} of 100`
  return {
    severity: order[at] ?? 'informational',
    confidence: steps.down === 0 && (indicator.grade ?? 0) >= 70 && life.stale === undefined ? 'moderate' : 'low',
    sentence: `${steps.sentence}; ${grade}.`,
    innocent: life.innocent,
  }
}

function ageOf(
  { firstSeen, lastSeen, validUntil }: Indicator,
  life: Lifetime,
  { first, last }: { readonly first: Micros | undefined; readonly last: Micros | undefined },
): { readonly down: number; readonly sentence: string } {
  const seen = lastSeen ?? firstSeen
  if (life.stale === undefined)
    return {
      down: 0,
      sentence: seen === undefined ? 'The list gives no date' : `Listed with the date ${dayOf(seen)}; this kind does not age`,
    }
  if (seen === undefined) return { down: 1, sentence: `The list gives no date, and ${life.ages}: a weak witness` }
  if (first === undefined || last === undefined)
    return { down: 1, sentence: `The records have no time to compare with ${dayOf(seen)}` }
  const start = firstSeen ?? seen
  if (validUntil !== undefined && first > validUntil)
    return {
      down: 2,
      sentence: `Its author stood by it until ${dayOf(validUntil)} only, and it was met after that: a weak witness`,
    }
  // Before it was known is as good as after: lists are written late.
  const apart = first > seen ? first - seen : last < start ? start - last : 0
  const days = Math.round(apart / MICROS_PER_DAY)
  if (days <= life.fresh)
    return { down: 0, sentence: `Listed for ${spanOf(start, seen)}, and met within ${life.fresh} days of that` }
  const side = first > seen ? 'after the list saw it last' : 'before the list saw it first'
  return {
    down: days <= life.stale ? 1 : 2,
    sentence: `Listed for ${spanOf(start, seen)}, and met ${days} days ${side}: ${life.ages}, so this is a weak witness`,
  }
}

const dayOf = (time: Micros) => isoFromMicros(time).slice(0, 10)
const spanOf = (from: Micros, to: Micros) => (dayOf(from) === dayOf(to) ? dayOf(from) : `${dayOf(from)} to ${dayOf(to)}`)
