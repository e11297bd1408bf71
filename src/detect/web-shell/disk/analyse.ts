import type { Match, VictimFile } from '../../../model/index.ts'
import { judgeByWords } from '../content.ts'
import type { CodeLanguage, Judgement, Verdict } from './verdict.ts'
import { nothingToJudge } from './verdict.ts'

/** What is needed of a file: its name only helps, its bytes decide. */
export type InspectedFile = Pick<VictimFile, 'path' | 'bytes' | 'text'>

/** Judges one file by its content. */
export function analyse(file: InspectedFile): Judgement {
  const judged = judgeByWords(file)
  if (judged === undefined) return nothingToJudge('none')
  const { match, language } = judged
  if (match === undefined) return nothingToJudge(CODE_LANGUAGE[language] ?? 'none')
  const why = match.why ?? match.title
  return {
    verdict: verdictOf(match),
    language: CODE_LANGUAGE[language] ?? 'none',
    score: SCORE[match.severity ?? 'critical'] ?? 0,
    reasons: [{ what: why, line: Number(/line (\d+)/.exec(why)?.[1] ?? 1), weight: SCORE[match.severity ?? 'critical'] ?? 0 }],
    flow: [],
    decoded: [],
    parsed: false,
    prefiltered: false,
    whyNotParsed: 'judged by its words',
  }
}

const CODE_LANGUAGE: Readonly<Record<string, CodeLanguage>> = { php: 'php', jsp: 'jsp', aspx: 'csharp', asp: 'vbscript' }
const SCORE: Readonly<Record<string, number>> = { critical: 100, high: 70, medium: 40, low: 20 }

function verdictOf({ severity, title }: Match): Verdict {
  if (severity === 'medium') return /writes any file/.test(title) ? 'uploader' : 'suspicious'
  return 'web-shell'
}
