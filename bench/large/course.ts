/** Memory beside what was done at that moment. */
export class Course {
  readonly #peaks = new Map<string, { megabytes: number; seconds: number }>()
  #place = 'look'

  at(phase: string, bytes: number, seconds: number): void {
    this.#place = bytes > 0 ? `${phase} ${Math.floor(bytes / 1e9)} to ${Math.floor(bytes / 1e9) + 1} GB` : phase
    const known = this.#peaks.get(this.#place)
    this.#peaks.set(this.#place, { megabytes: known?.megabytes ?? 0, seconds })
  }

  sample(megabytes: number): void {
    const known = this.#peaks.get(this.#place)
    this.#peaks.set(this.#place, { megabytes: Math.max(known?.megabytes ?? 0, megabytes), seconds: known?.seconds ?? 0 })
  }

  lines(): readonly string[] {
    const most = Math.max(...[...this.#peaks.values()].map(({ megabytes }) => megabytes))
    return [
      `peak memory of all processes: ${Math.round(most).toLocaleString('en')} MB`,
      ...[...this.#peaks].map(
        ([place, { megabytes, seconds }]) =>
          `  ${place.padEnd(24)} at most ${Math.round(megabytes).toLocaleString('en').padStart(6)} MB, until ${Math.round(seconds)} s`,
      ),
    ]
  }
}
