import { workerData } from 'piscina'
import { readers } from '../../readers/registry.ts'
import { compilePrepared } from '../rule-cache.ts'
import { matchPart } from './match-part.ts'
import type { MatchResult, MatchStart, MatchTask } from './match-task.ts'

const { rules } = workerData as MatchStart
const byFormat = new Map(readers.map(reader => [reader.format, reader]))
const { matcher } = compilePrepared(rules)

/** Matches one part. */
export function match({ file, format, plan }: MatchTask): MatchResult {
  const reader = byFormat.get(format)
  if (!reader) throw new Error(`no reader for format ${format}`)
  try {
    return matchPart(file, plan, reader, matcher)
  } catch (error) {
    // Evidence on a failing disk costs that part; everything else is our bug.
    if (error instanceof Error && 'syscall' in error) return { unreadable: error.message }
    throw error
  }
}
