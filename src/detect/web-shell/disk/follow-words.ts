/** A variable and the text it is assigned. */
export interface Assignment {
  readonly name: string
  readonly value: string
  readonly index: number
}

/** Chains of assignments longer than this are made to waste time. */
const MAX_ROUNDS = 4
const WORD = /[A-Za-z_]\w*/g

/**
 * Variables that hold what a visitor sends, by name, with the place where that is said: followed through plain assignments, whatever their order.
 * `leads` gives the part of a value whose variables are handed on.
 */
export function givenBy(
  assignments: readonly Assignment[],
  fromVisitor: (value: string) => boolean,
  leads: (value: string) => string = value => value,
): Map<string, number> {
  const given = new Map<string, number>()
  for (const { name, value, index } of assignments) if (!given.has(name) && fromVisitor(value)) given.set(name, index)
  for (let round = 0, before = -1; round < MAX_ROUNDS && given.size !== before; round++) {
    before = given.size
    for (const { name, value, index } of assignments)
      if (
        !given.has(name) &&
        leads(value)
          .match(WORD)
          ?.some(word => given.has(word))
      )
        given.set(name, index)
  }
  return given
}

/** 1-based line of a place in a text. */
export function lineAt(text: string, at: number): number {
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line++
  return line
}
