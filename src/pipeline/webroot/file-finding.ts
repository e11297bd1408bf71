import { nothingToJudge } from '../../detect/web-shell/disk/verdict.ts'
import { compareSeverity, isoFromMicros, microsFromMillis, type TimedMember } from '../../model/index.ts'
import type { YaraHit } from '../../rules/yara/index.ts'
import type { FileOutcome, FileVerdict, JudgedFile } from './judged-file.ts'

/** What a rule of the user's alone counts for, by its level; below medium it is only told beside what others say. */
const YARA_SCORE = { critical: 60, high: 60, medium: 40, low: 0, informational: 0 } as const
/** What the agreement of a rule adds to our own judgement. */
const AGREEMENT = 10
const MODIFIED_SCORE = 30

/** Joins what the content, the lists and the rules say of one file; undefined when all of them say nothing. A rule alone makes a file suspicious, no more. */
export function fileFinding(
  path: string,
  { judgement, change, bytes, modifiedTime }: Extract<FileOutcome, { state: 'judged' }>,
  yara: readonly YaraHit[],
  context: readonly string[],
): JudgedFile | undefined {
  const strong = yara.filter(({ level }) => compareSeverity(level, 'medium') >= 0)
  const own = judgement.verdict !== 'clean'
  const verdict: FileVerdict = own ? judgement.verdict : strong.length > 0 ? 'suspicious' : change ? 'modified' : 'clean'
  if (verdict === 'clean') return undefined
  const [strongest] = strong
  const alone = Math.max(strongest ? YARA_SCORE[strongest.level] : 0, change ? MODIFIED_SCORE : 0)
  const score = own ? Math.min(100, judgement.score + (strongest ? AGREEMENT : 0)) : alone
  return { path, verdict, score, bytes, modifiedTime, judgement, yara, context, ...(change && { change }) }
}

/** What a member that came late counts for: a sign, and a hotfix of the maker is an everyday reason. */
const LATE_SCORE = 25

/** A class or page that is much newer than all others of its archive. */
export function lateMember({ path, time }: TimedMember, archive: string, members: number, built: number): JudgedFile {
  const day = (millis: number) => isoFromMicros(microsFromMillis(millis)).slice(0, 10)
  const what = `written ${day(time)}, the other classes and pages of ${archive} (${members.toLocaleString('en')} in all) not after ${day(built)}`
  return {
    path,
    verdict: 'suspicious',
    score: LATE_SCORE,
    bytes: 0,
    modifiedTime: time,
    judgement: {
      ...nothingToJudge('java'),
      verdict: 'suspicious',
      score: LATE_SCORE,
      reasons: [{ what, line: 0, weight: LATE_SCORE }],
    },
    yara: [],
    context: [],
  }
}

/** The reasons in words, strongest first: what NDJSON gives as `why`. */
export function reasonsOf({ judgement, change, yara, context }: JudgedFile): readonly string[] {
  const { reasons, flow, decoded, whyNotParsed } = judgement
  return [
    ...reasons.map(
      ({ what, line, weight }) =>
        `${line > 0 ? `line ${line}: ` : ''}${what}${weight === 0 ? '' : ` (${weight > 0 ? '+' : ''}${weight})`}`,
    ),
    ...(flow.length > 0 ? [`flow: ${flow.map(({ line, what }) => `line ${line} ${what}`).join(' -> ')}`] : []),
    ...decoded.map(
      ({ line, how, text, length }) =>
        `line ${line} unpacks by ${how} (${length} characters): ${text.slice(0, MAX_LAYER_IN_REASON)}`,
    ),
    ...yara.map(({ rule, source, title, level }) => `YARA rule ${rule} (${source}, ${level}): ${title}`),
    ...(change
      ? [`modified: it differs from ${change.from}${change.difference.length > 0 ? `\n${change.difference.join('\n')}` : ''}`]
      : []),
    ...context,
    ...(whyNotParsed === undefined ? [] : [`not parsed: ${whyNotParsed}`]),
  ]
}

/** Of unpacked text, so many characters say what it is. */
const MAX_LAYER_IN_REASON = 400
