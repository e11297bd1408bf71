import type { Expression } from '../program.ts'

/** `while (true)` is a loop without a condition: it ends by what happens inside. */
export function unlessEndless(condition: Expression): { readonly condition?: Expression } {
  return condition.is === 'constant' && (condition.value === true || condition.value === 1) ? {} : { condition }
}
