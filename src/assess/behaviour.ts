import { bundledTechnique } from '../knowledge/index.ts'
import { type Correlation, type Finding, MICROS_PER_DAY } from '../model/index.ts'

/** What an intruder did, as far as it tells kinds of actors apart. */
export interface Behaviour {
  readonly techniques: ReadonlySet<string>
  readonly fromOutside: boolean
  readonly encrypted: boolean
  readonly takenOut: boolean
  /** Access and credentials, nothing destroyed, encrypted or taken out. */
  readonly creditsOnly: boolean
  readonly days: number
}

/** The behaviour behind the findings of all incidents. */
export function behaviourOf(correlation: Correlation, findings: readonly Finding[]): Behaviour {
  const techniques = new Set(findings.flatMap(finding => finding.techniques.map(bundledTechnique)))
  const has = (pattern: RegExp) => [...techniques].some(id => pattern.test(id))
  const times = correlation.incidents
    .flatMap(incident => [incident.firstTime, incident.lastTime])
    .filter(time => time !== undefined)
  const days = times.length === 0 ? 0 : Math.floor((Math.max(...times) - Math.min(...times)) / MICROS_PER_DAY)
  const encrypted = has(/^T1486|^T1490|^T1485|^T1561/)
  const takenOut = has(/^T1041|^T1048|^T1567|^T1020/)
  return {
    techniques,
    fromOutside: correlation.incidents.some(incident =>
      incident.steps.some(step => step.from.entity === 'outside-address' || step.from.entity === 'relay'),
    ),
    encrypted,
    takenOut,
    creditsOnly: !encrypted && !takenOut && has(/^T1003|^T1552|^T1555/),
    days,
  }
}

/** Elements of the pattern that the joint advisories AA23-144A and AA24-038A describe, each with how it shows. */
const ELEMENTS: readonly (readonly [string, (behaviour: Behaviour) => boolean])[] = [
  [
    'entry through a public server, an edge device or remote access',
    ({ techniques }) => any(techniques, /^T1190|^T1133|^T1505\.003/),
  ],
  ['valid accounts used from outside or between machines', ({ techniques }) => any(techniques, /^T1078|^T1021|^T1133/)],
  ['a web shell to come back by', ({ techniques }) => any(techniques, /^T1505\.003/)],
  ['the domain password database or password memory taken', ({ techniques }) => any(techniques, /^T1003\.(?:001|003)/)],
  ['traffic relayed through the own machines', ({ techniques }) => any(techniques, /^T1090|^T1572/)],
  ['traces removed', ({ techniques }) => any(techniques, /^T1070|^T1562/)],
  [
    'discovery with the tools of the system',
    ({ techniques }) => any(techniques, /^T1016|^T1018|^T1033|^T1049|^T1057|^T1069|^T1082|^T1087|^T1482|^T1654/),
  ],
  ['nothing destroyed or encrypted', ({ encrypted }) => !encrypted],
]

const any = (techniques: ReadonlySet<string>, pattern: RegExp) => [...techniques].some(id => pattern.test(id))

/** Which elements of the living-off-the-land pattern are there. */
export function livingOffLandElements(behaviour: Behaviour): {
  readonly seen: readonly string[]
  readonly unseen: readonly string[]
} {
  const seen = ELEMENTS.filter(([, holds]) => holds(behaviour)).map(([name]) => name)
  return { seen, unseen: ELEMENTS.map(([name]) => name).filter(name => !seen.includes(name)) }
}
