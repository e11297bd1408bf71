import type { RuleFile } from '../../model/index.ts'
import { readSigma, type SigmaCorrelation, type SigmaDocuments } from './document.ts'
import type { Placeholders } from './placeholders.ts'
import { SourceText } from './yaml-tree.ts'

/** What reading rule files gives, as plain data: it can be kept and handed to a worker. */
export interface ParsedRules extends Pick<SigmaDocuments, 'rules' | 'filters' | 'refused' | 'notes'> {
  /** They keep the places of what they hold, for which the text of their file is needed. */
  readonly correlations: readonly (Omit<SigmaCorrelation, 'source'> & { readonly source: RuleFile })[]
}

/** Nothing read yet. */
export const NOTHING_PARSED: ParsedRules = { rules: [], correlations: [], filters: [], refused: [], notes: [] }

/** Reads rule files once for all who need them. */
export function parseRules(files: readonly RuleFile[], placeholders?: Placeholders): ParsedRules {
  const { rules, correlations, filters, refused, notes } = readSigma(files, placeholders)
  const sources = new Map(correlations.map(({ source: { path, text } }) => [path, { path, text }]))
  return {
    rules,
    correlations: correlations.map(({ head, node, source: { path, text } }) => ({
      head,
      node,
      source: sources.get(path) ?? { path, text },
    })),
    filters,
    refused,
    notes,
  }
}

/** The same as if the files had been read now. */
export function documentsOf({ correlations, ...others }: ParsedRules): SigmaDocuments {
  return {
    ...others,
    correlations: correlations.map(({ source: { path, text }, ...correlation }) => ({
      ...correlation,
      source: new SourceText(path, text),
    })),
  }
}
