import { bareAccountName, type Finding, isoFromMicros, type Mark, shortHostName } from '../model/index.ts'

/**
 * Findings that the operator marked as their own work stay in the report with the reason, at the lowest level. A mark holds for what
 * happened before its end, so that an intruder who comes later on the same host is seen again.
 */
export function withMarks(findings: readonly Finding[], marks: readonly Mark[]): readonly Finding[] {
  if (marks.length === 0) return findings
  return findings.map(finding => {
    const mark = marks.find(entry => holds(entry, finding))
    if (!mark) return finding
    return { ...finding, severity: 'informational', benignExplanation: markSentence(mark) }
  })
}

/** What a marked finding says in place of its innocent explanation. */
export function markSentence({ until, reason }: Mark): string {
  return `Marked as ours${until === undefined ? '' : ` (until ${isoFromMicros(until)})`}: ${reason}`
}

function holds(mark: Mark, finding: Finding): boolean {
  const last = finding.lastTime ?? finding.firstTime
  if (mark.until !== undefined && last !== undefined && last >= mark.until) return false
  const target = mark.target.trim().toLowerCase()
  switch (mark.kind) {
    case 'finding':
      return finding.id === target
    case 'host':
      return (
        finding.hosts.length > 0 && finding.hosts.every(host => host === target || shortHostName(host) === shortHostName(target))
      )
    case 'account':
      return (
        finding.accounts.length > 0 &&
        finding.accounts.every(account => account.toLowerCase() === target || bareAccountName(account) === target)
      )
  }
}
