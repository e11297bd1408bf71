import { asLogged } from './as-logged.ts'
import type { EventKey } from './event-key.ts'
import type { FieldView } from './field-view.ts'

/** The `logsource` of a rule, in lower case. */
export interface LogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

/** One sort of record that a log source means, and how a rule for it sees such a record's fields. All that is named must fit. */
export interface Admission {
  /** For people: "Sysmon event 1". */
  readonly what: string
  readonly product?: string
  readonly codes?: ReadonlySet<string>
  /** Channel in lower case, or its beginning when it ends in "/". */
  readonly channels?: readonly string[]
  readonly kinds?: ReadonlySet<EventKey['kind']>
  readonly variants?: ReadonlySet<string>
  readonly providers?: ReadonlySet<string>
  /** Any event of a Windows event log. */
  readonly anyChannel?: true
  readonly view?: FieldView
}

/**
 * Is a log source one that evidence can hold? `read`: Barograph reads it. `no-reader`: a known one that no reader gives, so its rules
 * are loaded and never apply. `unknown`: nobody told us what it is.
 */
export type Standing = 'read' | 'no-reader' | 'unknown'

/** Which records a rule is asked about. */
export interface Gate {
  readonly standing: Standing
  readonly admissions: readonly Admission[]
  /** How the rule sees a record of this key; undefined when it is none of its log source. */
  viewOf(key: EventKey): FieldView | undefined
}

/** A gate of admissions; the first that fits says how fields are seen. */
export function gateOfAdmissions(admissions: readonly Admission[], standing: Standing = 'read'): Gate {
  const answers = new WeakMap<EventKey, { readonly view: FieldView | undefined }>()
  return {
    standing,
    admissions,
    viewOf(key) {
      let answer = answers.get(key)
      if (!answer) {
        const admission = admissions.find(candidate => admits(candidate, key))
        answer = { view: admission && (admission.view ?? asLogged(key)) }
        answers.set(key, answer)
      }
      return answer.view
    },
  }
}

/** Does a record of this key belong to it? */
export function admits(admission: Admission, key: EventKey): boolean {
  const { product, codes, channels, kinds, variants, providers, anyChannel } = admission
  return (
    (product === undefined || product === key.product) &&
    (codes === undefined || codes.has(key.code)) &&
    (kinds === undefined || kinds.has(key.kind)) &&
    (variants === undefined || variants.has(key.variant)) &&
    (anyChannel === undefined || ((key.channel !== '' || key.provider !== '') && !key.channel.startsWith('linux-'))) &&
    (providers === undefined || key.provider === '' || providers.has(key.provider)) &&
    (channels === undefined || channels.some(name => (name.endsWith('/') ? key.channel.startsWith(name) : name === key.channel)))
  )
}
