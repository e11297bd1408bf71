/** Where a literal must stand in a value. */
export const anchors = ['contains', 'starts', 'ends', 'whole'] as const
export type LiteralAnchor = (typeof anchors)[number]

/** Gets the atoms whose literal stands where it must; the same one may come several times. */
export interface AtomSink {
  hit(atom: number): void
}

/** A literal to be found, folded by `foldCase`, with its atom for each anchor (or -1). */
export interface WantedLiteral {
  readonly literal: string
  readonly atoms: readonly [number, number, number, number]
}

/** Finds the literals of one field in its values. */
export interface Finder {
  /** Bytes of the tables. */
  readonly size: number
  /** Scans UTF-16 text of `length` code units where it lies; false when it must be scanned as text. */
  scanBytes(bytes: Uint8Array, at: number, length: number, sink: AtomSink): boolean
  scanText(text: string, sink: AtomSink): void
}

/** Tells the sink the atoms of a literal that stands in a value, by where it stands. */
export function tellPlaced(atoms: Int32Array, at: number, atStart: boolean, atEnd: boolean, sink: AtomSink): void {
  const contains = atoms[at] as number
  if (contains >= 0) sink.hit(contains)
  const starts = atoms[at + 1] as number
  if (starts >= 0 && atStart) sink.hit(starts)
  const ends = atoms[at + 2] as number
  if (ends >= 0 && atEnd) sink.hit(ends)
  const whole = atoms[at + 3] as number
  if (whole >= 0 && atStart && atEnd) sink.hit(whole)
}
