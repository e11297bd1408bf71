import type { Call, Machine } from '../dialect.ts'
import { OWN_TEXT } from '../own-text.ts'
import { known } from '../page/carried.ts'
import type { Value } from '../value.ts'
import { fromSource, mixture, originsOf, UNKNOWN } from '../values.ts'

const REMOTE = /^(?:https?|ftps?|sftp|ssh2[.\w]*):\/\//i

/** What a file of this name holds. */
export function contentOf(path: Value, line: number, label: string): Value {
  const text = known(path)
  if (typeof text === 'string') {
    if (/^php:\/\/(?:input|stdin)/i.test(text)) return fromSource('request', 'php://input', line)
    if (/^php:\/\/filter\/.*resource=php:\/\/input/i.test(text)) return fromSource('request', 'php://input', line)
    if (REMOTE.test(text)) return fromSource('remote', `${label} of ${text.slice(0, 80)}`, line)
    return fromSource('stored', `${label} of ${text.slice(0, 60)}`, line)
  }
  // A page that reads itself carries something packed behind its code.
  if (path.type === 'own-file') return { origins: [{ kind: 'packed', label: OWN_TEXT, line, steps: [], decoders: [label] }] }
  const [origin] = originsOf(path)
  if (origin?.kind === 'upload') return { origins: [{ ...origin, kind: 'upload' }] }
  if (path.prefix !== undefined && REMOTE.test(path.prefix))
    return fromSource('remote', `${label} of ${path.prefix.slice(0, 80)}…`, line)
  // The visitor names the file or the address: what comes back is as good as sent by him.
  if (origin?.kind === 'request' && path.cleaned === undefined && path.prefix === undefined)
    return { origins: [{ ...origin, kind: 'remote' }] }
  return fromSource('stored', label, line)
}

export function readFile({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [first = UNKNOWN] = args
  if (first.type === 'stream') {
    const { entries: _, isObject: __, type: ___, ...content } = first
    return content
  }
  const whole =
    name === 'file_get_contents' || name === 'file' || name === 'readfile' || name === 'show_source' || name === 'highlight_file'
  if (!whole) return mixture([first])
  machine.sink({ kind: 'file-manage', label: `${name}()`, line, values: [first], hidden })
  return contentOf(first, line, `${name}()`)
}

export function written({ name, args, line, hidden }: Call, machine: Machine): Value {
  const [target = UNKNOWN, what = UNKNOWN] = args
  const where = target.type === 'stream' ? (target.entries?.get('path') ?? UNKNOWN) : target
  machine.sink({ kind: 'file-write', label: `${name}()`, line, values: [where, what], hidden })
  return UNKNOWN
}
