import type { Action } from '../../model/index.ts'

/** Names of the kinds of action, and when they are due: evidence and containment come first, eviction is planned and done at once. */
export const actionWords: Readonly<
  Record<Action['kind'], { readonly short: string; readonly long: string; readonly due: '24 hours' | '7 days' }>
> = {
  preserve: { short: 'preserve', long: 'Preserve evidence', due: '24 hours' },
  contain: { short: 'contain', long: 'Contain', due: '24 hours' },
  evict: { short: 'evict', long: 'Evict', due: '7 days' },
  'close-gap': { short: 'close', long: 'Close the gap', due: '7 days' },
}
