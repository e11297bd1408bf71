import type { Expression, Statement } from '../program.ts'

/** Variables that statements assign, also inside of others. */
export function assignedIn(statements: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>()
  const look = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) look(item)
    else if (typeof value === 'object' && value !== null) {
      const part = value as Partial<Extract<Expression, { is: 'assign' }>>
      if (part.is === 'assign' && part.target) {
        let { target } = part
        while (target.is === 'index') target = target.object
        if (target.is === 'variable') names.add(target.name)
      }
      for (const item of Object.values(value)) look(item)
    }
  }
  look(statements)
  return names
}
