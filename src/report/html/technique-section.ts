import { attackSource, tacticName, tacticOrder, techniqueName, techniqueOf } from '../../knowledge/attack.ts'
import type { Report, Severity } from '../../model/index.ts'
import { compareSeverity } from '../../model/index.ts'
import { shorten } from '../text/visible.ts'
import { plural } from '../text/words.ts'
import { html, type Markup } from './escape.ts'

interface Seen {
  readonly id: string
  severity: Severity
  findings: number
  readonly steps: number[]
}

/** Techniques of all findings and steps with the strongest finding that shows each. */
function seenTechniques(report: Report): readonly Seen[] {
  const seen = new Map<string, Seen>()
  const entry = (id: string) => {
    const known = seen.get(id) ?? { id, severity: 'informational' as Severity, findings: 0, steps: [] }
    seen.set(id, known)
    return known
  }
  for (const finding of report.findings)
    for (const id of finding.techniques) {
      const known = entry(id)
      known.findings++
      if (compareSeverity(finding.severity, known.severity) > 0) known.severity = finding.severity
    }
  for (const incident of report.incidents)
    for (const step of incident.steps) if (step.technique) entry(step.technique).steps.push(step.order)
  return [...seen.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** Every technique stands once, under its first tactic in the usual course of an intrusion. */
function tacticOf(id: string): string {
  const tactics = techniqueOf(id)?.tactics ?? []
  return tacticOrder.find(tactic => tactics.includes(tactic)) ?? tactics[0] ?? 'unknown'
}

/** The techniques seen, ordered as ATT&CK orders them. */
export function techniqueSection(report: Report): Markup | undefined {
  const seen = seenTechniques(report)
  if (seen.length === 0) return undefined
  const order: readonly string[] = tacticOrder
  const used = [...new Set(seen.map(item => tacticOf(item.id)))]
  const place = (tactic: string) => order.indexOf(tactic) + 1 || tacticOrder.length + 1
  const columns = used.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
  return html`<section id="techniques" aria-labelledby="techniques-title"><header><h2 id="techniques-title">ATT&amp;CK techniques</h2><p>Seen in this evidence, in the order of the ATT&amp;CK tactics (${attackSource.version}). Choose one to see its findings.</p></header><div class="matrix">${columns.map(
    tactic =>
      html`<div><h4>${tactic === 'unknown' ? 'Other' : tacticName(tactic)}</h4><ul>${seen
        .filter(item => tacticOf(item.id) === tactic)
        .map(
          item =>
            html`<li><a class="cell s-${item.severity}" href="#findings" data-filter-technique="${item.id}"><b>${shorten(item.id, 16)}</b> ${techniqueName(item.id) === item.id ? '' : techniqueName(item.id)}<br><span class="soft">${item.findings > 0 ? `${item.severity === 'informational' ? 'info' : item.severity}, ${plural(item.findings, 'finding')}` : ''}${item.findings > 0 && item.steps.length > 0 && '; '}${item.steps.length > 0 && `${item.steps.length === 1 ? 'step' : 'steps'} ${item.steps.slice(0, 8).join(', ')}`}</span></a></li>`,
        )}</ul></div>`,
  )}</div><p class="small soft notice">${attackSource.notice}</p></section>`
}
