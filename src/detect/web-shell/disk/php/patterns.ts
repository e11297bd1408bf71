import type { Call, Machine } from '../dialect.ts'
import { textOf } from '../fold.ts'
import { known } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { mixture, originsOf, UNKNOWN } from '../values.ts'

export function patternReplaced({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [pattern = UNKNOWN, put = UNKNOWN, subject = UNKNOWN, options] = args
  const written = known(pattern) ?? known(pattern.entries?.get('0'))
  const runs = name.startsWith('mb_')
    ? /e/.test(textOf(known(options)))
    : !name.startsWith('ereg') &&
      typeof written === 'string' &&
      /^\s*(?:([^\w\s\\([{<]).*\1|\(.*\)|\[.*\]|\{.*\}|<.*>)[a-z]*e[a-z]*$/is.test(written)
  if (runs) {
    machine.sink({ kind: 'code', label: `${name}() with /e`, line, values: [put, subject], hidden })
    if (typeof known(put) === 'string') {
      machine.evaluate(withGroups(put, subject), `${name}() with /e`, line)
    }
  } else if (!name.startsWith('ereg') && originsOf(pattern).some(({ label }) => label.startsWith('data of a picture'))) {
    machine.sink({
      kind: 'code',
      label: `${name}() with a pattern from a picture`,
      line,
      values: [{ ...pattern, origins: pattern.origins.map(origin => ({ ...origin, kind: 'remote' as const })) }],
      hidden,
    })
  } else if (
    !name.startsWith('ereg') &&
    originsOf(pattern).some(({ kind }) => kind === 'request') &&
    pattern.prefix === undefined &&
    pattern.cleaned === undefined &&
    originsOf(put).length > 0
  )
    machine.sink({ kind: 'code', label: `${name}() with a pattern of the request`, line, values: [pattern], hidden })
  const [search, by, text] = [known(pattern), known(put), known(subject)]
  if (!runs && typeof search === 'string' && typeof by === 'string' && typeof text === 'string') {
    const result = plainPattern(search, by, text)
    if (result !== undefined) return { constant: result, origins: [], built: true }
  }
  return mixture([put, subject])
}

/** Groups of the pattern that stand in the code: "\\1" is what was found, which for ".*" is the subject. */
function withGroups(put: Value, subject: Value): Value {
  const text = known(subject)
  if (typeof put.constant !== 'string' || typeof text !== 'string') return put
  return { ...put, constant: put.constant.replace(/\\{1,2}[01]|\$[01]/g, () => text), built: true }
}

/** A pattern that is a set or a text, without anything that could take long. */
function plainPattern(pattern: string, put: string, text: string): string | undefined {
  const plain = /^([/#~|@!])((?:\[[^\]\\[]{1,40}\][+*]?)|[\w ,:;=-]{1,40})\1([iu]*)$/.exec(pattern)
  if (!plain || text.length > 200_000 || /[\\$]\d/.test(put)) return undefined
  try {
    return text.replace(new RegExp(plain[2] ?? '', `g${plain[3]?.includes('i') ? 'i' : ''}`), () => put)
  } catch {
    // A set the other engine reads differently: the text stays unknown.
    return undefined
  }
}
