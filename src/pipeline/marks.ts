import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { markSentence } from '../correlate/marks.ts'
import { bareAccountName, type Mark, type Micros, type Report, shortHostName } from '../model/index.ts'
import { type Case, openCase } from '../store/index.ts'
import { closeNames } from './close-names.ts'
import { type ProgressListener, silentListener } from './progress.ts'
import { reportOn } from './report-files.ts'
import { UsageError } from './usage-error.ts'
import { programVersion } from './version.ts'

/** What `mark` was asked to do. */
export interface MarkRequest {
  readonly directory: string
  /** A finding's id, a host or an account; "host:NAME" and "account:NAME" say which. */
  readonly target: string
  readonly reason: string
  readonly until: Micros | undefined
  /** Takes the mark away instead. */
  readonly remove: boolean
  readonly command: string
}

/** A host or account that nothing in the case is called by, and names it has that are like it. */
export interface UnknownName {
  readonly close: readonly string[]
}

/** Says that something was the operator's own work, and judges the case again. */
export async function mark(
  request: MarkRequest,
  listener: ProgressListener = silentListener,
): Promise<{ mark: Mark; report: Report; unknown: UnknownName | undefined }> {
  const opened = openCase(request.directory, 'change')
  try {
    opened.beginAudit(request.command, programVersion)
    const made: Mark = { ...targetOf(opened, request), reason: request.reason, until: request.until }
    if (!request.remove) opened.setMark(made)
    else if (!opened.removeMark(made.kind, made.target))
      throw new UsageError('mark/no-such-mark', `${request.target} is not marked`, 'see the marks with `barograph mark --list`')
    const unknown = request.remove ? undefined : unknownName(opened, made)
    const report = await reportOn(opened, availableParallelism(), listener)
    opened.endAudit(`verdict ${report.verdict.level}`)
    return { mark: made, report, unknown }
  } finally {
    opened.close()
  }
}

/** A mark as somebody who reviews it needs it. */
export interface ReviewedMark extends Mark {
  /** Findings of the last report that it makes ours. */
  readonly findings: number
  /** Does the evidence go on after its end? What happened since then counts again. */
  readonly hasEnded: boolean
}

/** The marks of a case for review: what each still covers, and whether it is over. */
export function marksOf(directory: string): readonly ReviewedMark[] {
  const opened = openCase(directory, 'read')
  try {
    const said = opened.findings().map(finding => ('benignExplanation' in finding ? finding.benignExplanation : ''))
    const last = Math.max(...[...opened.manifest.totals().values()].map(({ lastTime }) => lastTime ?? Number.NEGATIVE_INFINITY))
    return opened.marks().map(one => ({
      ...one,
      findings: said.filter(text => text === markSentence(one)).length,
      hasEnded: one.until !== undefined && one.until <= last,
    }))
  } finally {
    opened.close()
  }
}

/** Judges a case again from its segments and writes the report; the evidence need not be there any more. */
export async function reportAgain(
  directory: string,
  command: string,
  listener: ProgressListener = silentListener,
): Promise<Report> {
  const opened = openCase(directory, 'change')
  try {
    opened.beginAudit(command, programVersion)
    const report = await reportOn(opened, availableParallelism(), listener)
    opened.endAudit(`verdict ${report.verdict.level}`)
    return report
  } finally {
    opened.close()
  }
}

function targetOf(opened: Case, { target, remove }: MarkRequest): Pick<Mark, 'kind' | 'target'> {
  const said = /^(host|account|finding):(.+)$/s.exec(target)
  if (said) return { kind: said[1] as Mark['kind'], target: said[2] ?? '' }
  const existing = remove ? opened.marks().find(one => one.target === target) : undefined
  if (existing) return existing
  if (opened.findings().some(finding => finding.id === target)) return { kind: 'finding', target }
  const { hosts, accounts } = namesIn(opened)
  const isHost = hosts.has(shortHostName(target))
  const isAccount = accounts.has(bareAccountName(target))
  if (isHost && !isAccount) return { kind: 'host', target: target.toLowerCase() }
  if (isAccount && !isHost) return { kind: 'account', target: target.toLowerCase() }
  throw new UsageError(
    'mark/unknown-target',
    isHost ? `${target} is a host and an account of this case` : `${target} is no finding, host or account of this case`,
    'write host:NAME or account:NAME, or take the finding id from report.json',
  )
}

/** A mark on a name that the case does not know covers nothing; it stays, because evidence may be added. */
function unknownName(opened: Case, { kind, target }: Mark): UnknownName | undefined {
  if (kind === 'finding') return undefined
  const { hosts, accounts } = namesIn(opened)
  const [known, name] = kind === 'host' ? [hosts, shortHostName(target)] : [accounts, bareAccountName(target)]
  return known.has(name) ? undefined : { close: closeNames(name, known) }
}

function namesIn(opened: Case): { readonly hosts: ReadonlySet<string>; readonly accounts: ReadonlySet<string> } {
  const file = join(opened.directory, 'report.json')
  if (!existsSync(file))
    throw new UsageError('mark/no-report', 'the case has no report yet', 'finish the hunt first, or run `barograph report`')
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  const entities = report.incidents.flatMap(incident => incident.entities)
  const named = (kinds: readonly string[]) =>
    entities.filter(one => kinds.includes(one.entity)).flatMap(one => [one.name, ...one.aliases])
  return {
    hosts: new Set(
      [
        ...report.coverage.sources.map(row => row.host),
        ...report.findings.flatMap(one => one.hosts),
        ...named(['host', 'edge-device']),
      ].map(shortHostName),
    ),
    accounts: new Set([...report.findings.flatMap(one => one.accounts), ...named(['account'])].map(bareAccountName)),
  }
}
