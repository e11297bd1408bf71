import type { HuntOptions } from '../src/pipeline/index.ts'

/** Options of a hunt that asks for nothing but the evidence, with one worker. */
export function huntOptions(evidence: readonly string[], caseDirectory: string, more: Partial<HuntOptions> = {}): HuntOptions {
  return {
    evidence,
    caseDirectory,
    rules: [],
    assets: undefined,
    sources: [],
    since: undefined,
    until: undefined,
    jobs: 1,
    command: 'test',
    ...more,
  }
}
