import type { RuleFile } from '../../model/index.ts'
import { readSigma, type SigmaDocuments } from './document.ts'
import type { Placeholders } from './placeholders.ts'

/** What reading rule files gives, as plain data: it can be kept and handed to a worker. */
export type ParsedRules = Pick<SigmaDocuments, 'rules' | 'filters' | 'refused' | 'notes'>

/** Nothing read yet. */
export const NOTHING_PARSED: ParsedRules = { rules: [], filters: [], refused: [], notes: [] }

/**
 * Reads rule files once for all who need them. Files with correlations are left to be read again: they keep the places of what they
 * hold, and there are few.
 */
export function parseRules(
  files: readonly RuleFile[],
  placeholders?: Placeholders,
): { readonly parsed: ParsedRules; readonly rest: readonly RuleFile[] } {
  const { rules, filters, refused, notes, correlations } = readSigma(files, placeholders)
  const left = new Set(correlations.map(({ head }) => head.file))
  const parsed: ParsedRules = {
    rules: rules.filter(({ file }) => !left.has(file)),
    filters: filters.filter(({ head }) => !left.has(head.file)),
    refused: refused.filter(({ path }) => !left.has(path)),
    notes: notes.filter(({ path }) => !left.has(path)),
  }
  return { parsed, rest: files.filter(({ path }) => left.has(path)) }
}
