import {
  type Correlation,
  type Coverage,
  compareSeverity,
  type Incident,
  ownSeverity,
  restsOnUserRules,
  type Verdict,
} from '../model/index.ts'

/**
 * The verdict of the whole case. "intrusion" needs a high finding of our own that is sure, or a joined story; a user's rule alone leads to
 * "suspicious" at most; "nothing-found" needs log-ons, processes or web activity, and network in the evidence.
 */
export function verdictOf(correlation: Correlation, coverage: Coverage): Verdict {
  const proven = correlation.incidents.filter(incident => isProven(incident, correlation))
  if (proven.length > 0) {
    const [worst] = proven
    return {
      level: 'intrusion',
      sentence: `Somebody was in: ${lowerFirst(worst?.title ?? '')}.${otherIncidents(proven.length - 1, correlation.incidents.length - proven.length)}`,
      confidence: proven.some(incident => incident.confidence === 'high') ? 'high' : 'moderate',
    }
  }
  const strong = correlation.findings.filter(finding => compareSeverity(finding.severity, 'medium') >= 0)
  if (strong.length > 0) {
    const user = strong.every(restsOnUserRules)
    const what = correlation.incidents[0]?.title ?? strong[0]?.title ?? ''
    const basis = user
      ? `Only ${whoSaysSo(strong)} say so; no detector of ours supports it.`
      : 'Each has an innocent explanation that your own records can confirm or rule out.'
    return {
      level: 'suspicious',
      sentence: `${strong.length === 1 ? 'One thing needs' : `${strong.length} things need`} an explanation: ${lowerFirst(what)}. ${basis}`,
      confidence: user ? 'low' : 'moderate',
    }
  }
  const missing = missingAreas(coverage)
  if (missing.length === 0)
    return {
      level: 'nothing-found',
      sentence: 'No sign of an intrusion in log-ons, processes or web activity, and network, for the time this evidence covers.',
      confidence: 'moderate',
    }
  return {
    level: 'insufficient-evidence',
    sentence: `No sign of an intrusion, but the evidence cannot rule one out: ${missing.join(', ')}.`,
    confidence: 'low',
  }
}

/** How many incidents there are beside the one that is named; the reader counts the drawn ones, of which not all are proven. */
function otherIncidents(proven: number, weaker: number): string {
  if (proven === 0 && weaker === 0) return ''
  const sure = proven === 1 ? 'one more incident' : `${proven} more incidents`
  const weak = weaker === 1 ? 'one weaker one' : `${weaker} weaker ones`
  if (proven === 0) return weaker === 1 ? ' There is one more, weaker incident.' : ` There are ${weaker} more, weaker incidents.`
  return ` There ${proven === 1 ? 'is' : 'are'} ${sure}${weaker > 0 ? ` and ${weak}` : ''}.`
}

/** A high finding of our own that is sure, or a joined story that is not held together by guesses alone. */
function isProven(incident: Incident, correlation: Correlation): boolean {
  const own = correlation.findings.filter(finding => incident.findings.includes(finding.id) && finding.succeeded)
  const high = own.filter(finding => compareSeverity(ownSeverity(finding), 'high') >= 0)
  if (high.some(finding => finding.confidence === 'high')) return true
  const medium = own.filter(finding => compareSeverity(ownSeverity(finding), 'medium') >= 0)
  return incident.confidence !== 'low' && (high.length > 0 ? medium.length > 1 : medium.length > 2)
}

/** "Sigma rules", "Sigma and YARA rules", "indicators": whose word findings rest on. */
function whoSaysSo(findings: Correlation['findings']): string {
  const sources = new Set(findings.flatMap(({ witnesses }) => witnesses.map(({ source }) => source)))
  const languages = [...(sources.has('sigma') ? ['Sigma'] : []), ...(sources.has('yara') ? ['YARA'] : [])]
  return [
    ...(languages.length > 0 ? [`${languages.join(' and ')} rules`] : []),
    ...(sources.has('intel') ? ['indicators'] : []),
  ].join(' and ')
}

const lowerFirst = (text: string) => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text)

/** What must be in the evidence before its silence means something, and is not. */
export function missingAreas(coverage: Coverage): readonly string[] {
  const { logons, processes, web, network } = coverage.areas
  return [
    ...(logons ? [] : ['no log-ons are recorded']),
    ...(processes || web ? [] : ['neither processes nor web requests are recorded']),
    ...(network ? [] : ['no network connections are recorded']),
    ...(coverage.partial ? ['parts of the evidence were not read to the end'] : []),
  ]
}
