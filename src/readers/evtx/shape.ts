import type { RecordShape } from '../../model/index.ts'

/** Field names in order, and the way from a name to its position. */
export class EvtxShape implements RecordShape {
  readonly names: readonly string[]
  private readonly positions: ReadonlyMap<string, number>

  constructor(names: readonly string[]) {
    this.names = names
    this.positions = new Map(names.map((name, index) => [name, index]))
  }

  /** Position of a name; -1 when records of this shape never have it. */
  indexOf(name: string): number {
    return this.positions.get(name) ?? -1
  }
}

/** Shapes of records whose names depend on their values (arrays). Real logs have some dozens; a hostile one could make any number. */
const MAX_SHAPES = 4096

/** Shapes by their list of names. */
export class ShapeTable {
  private readonly known = new Map<string, EvtxShape>()

  intern(names: readonly string[]): EvtxShape {
    const key = names.join('\0')
    const found = this.known.get(key)
    if (found && found.names.length === names.length && found.names.every((name, index) => name === names[index])) return found
    if (this.known.size >= MAX_SHAPES) this.known.clear()
    const shape = new EvtxShape(names)
    this.known.set(key, shape)
    return shape
  }
}
