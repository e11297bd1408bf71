import { bundledTechnique, techniqueName } from '../knowledge/index.ts'
import { type Correlation, compareSeverity, type Finding, type Hypothesis, type Likelihood, ownSeverity } from '../model/index.ts'
import { type Behaviour, behaviourOf, livingOffLandElements } from './behaviour.ts'
import { bundledScorer, type GroupScore, isObservable } from './technique-score.ts'

/** With fewer techniques in view a ranking of groups is noise: the measured reports had at least eight. */
export const ENOUGH_TECHNIQUES = 8
/**
 * Where the first group led by 4, it was the right one in 85 % of 260 held-out reports, in 71 % with half of the techniques in view, and
 * some group was still named in 5 % of those whose true group was taken out (docs/attribution.md). Below it none is called likely.
 */
export const CLEAR_LEAD = 4
const SOME_LEAD = 2
/** Groups shown beside each other, so that nobody sees one name only. */
const SHOWN_GROUPS = 3
/** A technique that more groups than this use distinguishes nobody. */
const COMMON = 30

/** Who it may be, with what speaks for and against each, or that this evidence does not say. */
export function attribution(correlation: Correlation): {
  readonly hypotheses: readonly Hypothesis[]
  readonly statement: string
} {
  const involved = new Set(correlation.incidents.flatMap(incident => incident.findings))
  const findings = correlation.findings.filter(finding => involved.has(finding.id))
  if (findings.length === 0)
    return { hypotheses: [], statement: 'There is no intrusion in this evidence to attribute to anybody.' }
  const techniques = [...new Set(findings.flatMap(finding => finding.techniques.map(bundledTechnique)))]
    .filter(isObservable)
    .sort()
  const scores = bundledScorer.scores(techniques)
  const lead = (scores[0]?.score ?? 0) - (scores[1]?.score ?? 0)
  const named = techniques.length >= ENOUGH_TECHNIQUES && lead >= CLEAR_LEAD
  const behaviour = behaviourOf(correlation, findings)
  const hypotheses = [
    ...scores.slice(0, SHOWN_GROUPS).map((score, place) => groupHypothesis(score, place, techniques, lead)),
    ...landHypothesis(behaviour),
    unknownHypothesis(named, techniques.length),
    criminalHypothesis(behaviour),
    testHypothesis(),
    administratorHypothesis(findings),
  ]
  return {
    hypotheses: hypotheses.toSorted((a, b) => rank(b.likelihood) - rank(a.likelihood) || (a.who < b.who ? -1 : 1)),
    statement: statementOf(named ? scores[0] : undefined, techniques.length, behaviour),
  }
}

const ORDER: readonly Likelihood[] = [
  'not assessed',
  'almost no chance',
  'very unlikely',
  'unlikely',
  'roughly even chance',
  'likely',
  'very likely',
  'almost certain',
]
const rank = (likelihood: Likelihood) => ORDER.indexOf(likelihood)

function groupLikelihood(place: number, count: number, lead: number): Likelihood {
  if (place > 0 || count < ENOUGH_TECHNIQUES) return 'very unlikely'
  return lead >= CLEAR_LEAD ? 'likely' : lead >= SOME_LEAD ? 'unlikely' : 'very unlikely'
}

function groupHypothesis(score: GroupScore, place: number, techniques: readonly string[], lead: number): Hypothesis {
  const rare = score.shared.filter(id => bundledScorer.groupsUsing(id) <= COMMON)
  const missing = techniques.filter(id => !score.shared.includes(id))
  return {
    who: score.group.name,
    likelihood: groupLikelihood(place, techniques.length, lead),
    confidence: 'low',
    for: [
      `${score.shared.length} of the ${techniques.length} techniques seen are published for it`,
      ...rare
        .slice(0, 5)
        .map(
          id => `${techniqueName(id)} (${id}), published for ${bundledScorer.groupsUsing(id)} of ${bundledScorer.groups} groups`,
        ),
    ],
    against: [
      ...(missing.length > 0
        ? [
            `not published for it: ${missing
              .slice(0, 8)
              .map(id => `${techniqueName(id)} (${id})`)
              .join(', ')}`,
          ]
        : []),
      ...(rare.length === 0 ? ['everything it has in common with this case is common to many groups'] : []),
      'techniques can be copied, and no code, certificate or infrastructure of the group is in the evidence',
    ],
  }
}

/** The pattern, not the name: what is published for Volt Typhoon and shared by others who live off the land. */
function landHypothesis(behaviour: Behaviour): readonly Hypothesis[] {
  const { seen, unseen } = livingOffLandElements(behaviour)
  if (seen.length < 4) return []
  return [
    {
      who: 'A patient actor who lives off the land, the pattern published for Volt Typhoon and others',
      likelihood: seen.length >= 6 ? 'likely' : 'roughly even chance',
      confidence: seen.length >= 6 ? 'moderate' : 'low',
      for: seen,
      against: [
        ...unseen.map(element => `not seen: ${element}`),
        'the same pattern is published for APT41, Flax Typhoon, FIN13 and criminal groups',
      ],
    },
  ]
}

function unknownHypothesis(named: boolean, count: number): Hypothesis {
  return {
    who: 'Somebody no published profile describes, or whom these techniques do not tell from others',
    likelihood: named ? 'unlikely' : 'likely',
    confidence: count >= ENOUGH_TECHNIQUES ? 'moderate' : 'low',
    for: [
      count < ENOUGH_TECHNIQUES
        ? `only ${count} ${count === 1 ? 'technique is' : 'techniques are'} in view; at least ${ENOUGH_TECHNIQUES} are needed to compare groups`
        : 'published profiles cover a part of all actors, and what they publish is what was noticed',
    ],
    against: named ? ['one profile explains what was seen clearly better than every other'] : [],
  }
}

function criminalHypothesis({ encrypted, takenOut, days, creditsOnly }: Behaviour): Hypothesis {
  return {
    who: 'Criminals after money',
    likelihood: encrypted ? 'likely' : 'not assessed',
    confidence: 'low',
    for: [
      ...(encrypted ? ['data was encrypted or recovery was prevented'] : []),
      ...(takenOut ? ['data was taken out, which is also how extortion begins'] : []),
      'criminal groups use the same tools of the system',
    ],
    against: [
      ...(encrypted ? [] : ['nothing was encrypted and nobody asked for money, as far as the evidence goes']),
      ...(days >= 14 ? [`the activity spans ${days} days; extortion usually comes within days`] : []),
      ...(creditsOnly ? ['only access and credentials were taken'] : []),
    ],
  }
}

function testHypothesis(): Hypothesis {
  return {
    who: 'A penetration test or exercise',
    likelihood: 'not assessed',
    confidence: 'low',
    for: ['testers use the same techniques on purpose'],
    against: ['nothing in the evidence says so; only your own records can: ask who ordered one for this time'],
  }
}

function administratorHypothesis(findings: readonly Finding[]): Hypothesis {
  const strongest = findings.map(ownSeverity).reduce((a, b) => (compareSeverity(a, b) >= 0 ? a : b), 'informational')
  const likelihood: Likelihood =
    strongest === 'critical' ? 'very unlikely' : strongest === 'high' ? 'unlikely' : 'roughly even chance'
  const telling = findings.filter(finding => finding.benignExplanation !== '' && ownSeverity(finding) === strongest).slice(0, 3)
  return {
    who: 'Your own administrators',
    likelihood,
    confidence: 'low',
    for: telling.map(finding => `${finding.title}: ${finding.benignExplanation}`),
    against:
      strongest === 'critical' || strongest === 'high' ? ['administrators rarely do this at all, and not in this order'] : [],
  }
}

function statementOf(named: GroupScore | undefined, count: number, behaviour: Behaviour): string {
  const change =
    'What would change our mind: code or certificates known of one actor, the logs of the relays the intruder came through, or your own record of a test or change.'
  const techniques = `${count} ${count === 1 ? 'technique' : 'techniques'}`
  if (!named)
    return `Not attributable on this evidence: ${techniques} in view do not tell one actor from others. ${patternSentence(behaviour)}${change}`
  return `On techniques alone ${named.group.name} is likely, which is the most that techniques can say: in a test with published reports one name in seven given like this was wrong, and nearly one in three where half of the intrusion went unseen. ${patternSentence(behaviour)}${change}`
}

function patternSentence(behaviour: Behaviour): string {
  const { seen } = livingOffLandElements(behaviour)
  return seen.length >= 4
    ? 'The way of working (living off the land, access kept for later) is published for Volt Typhoon and is shared by others; it names nobody. '
    : ''
}
