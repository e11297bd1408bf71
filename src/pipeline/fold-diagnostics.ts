import type { Diagnostic } from '../model/index.ts'

/** Enough to see the pattern; a hostile file can have one for every line. */
const SHOWN_OF_EACH_CODE = 20

/** Keeps the first diagnostics of each code and counts the rest on one more, so that no file can fill memory or drown the report. */
export class DiagnosticFolder {
  readonly #shown: Diagnostic[] = []
  readonly #folded = new Map<string, { readonly first: Diagnostic; count: number }>()
  readonly #counts = new Map<string, number>()

  add(diagnostic: Diagnostic): void {
    const shown = this.#counts.get(diagnostic.code) ?? 0
    this.#counts.set(diagnostic.code, shown + 1)
    if (shown < SHOWN_OF_EACH_CODE) {
      this.#shown.push(diagnostic)
      return
    }
    const folded = this.#folded.get(diagnostic.code)
    if (folded) folded.count += diagnostic.count ?? 1
    else this.#folded.set(diagnostic.code, { first: diagnostic, count: diagnostic.count ?? 1 })
  }

  list(): readonly Diagnostic[] {
    return [...this.#shown, ...[...this.#folded.values()].map(({ first, count }) => (count === 1 ? first : { ...first, count }))]
  }
}

/** The diagnostics of an item's parts as one list. */
export function foldDiagnostics(diagnostics: Iterable<Diagnostic>): readonly Diagnostic[] {
  const folder = new DiagnosticFolder()
  for (const diagnostic of diagnostics) folder.add(diagnostic)
  return folder.list()
}
