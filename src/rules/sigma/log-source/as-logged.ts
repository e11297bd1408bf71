import type { EventKey } from './event-key.ts'
import { type FieldSource, type FieldView, tableView } from './field-view.ts'
import { hashFields } from './hashes.ts'
import { windowsSchema } from './schemas.ts'
import { zeekView } from './views-network.ts'

const views = new Map<string, FieldView>()

/** Sysmon events that carry digests. */
const WITH_HASHES = new Set(['1', '6', '7', '15', '23', '24', '26', '27', '28', '29'])

const NO_TABLE: Readonly<Record<string, FieldSource>> = {}

const plain = tableView('as-logged', NO_TABLE, undefined)

/** The record under its own field names, for rules that name the log they are written for. */
export function asLogged({ product, code }: EventKey): FieldView {
  // What is said in packet captures has the names of Zeek's logs.
  if (product === 'zeek' || product === 'pcap') return zeekView(code)
  const schema = windowsSchema(product, code)
  if (!schema) return plain
  const name = `${product}-${code}`
  let view = views.get(name)
  if (!view) {
    view = tableView(name, product === 'sysmon' && WITH_HASHES.has(code) ? hashFields : NO_TABLE, schema)
    views.set(name, view)
  }
  return view
}

/** Views of the records an admission lets in, as far as they are known without a record. */
export function knownViews({
  product,
  codes,
  view,
}: {
  readonly product?: string
  readonly codes?: ReadonlySet<string>
  readonly view?: FieldView
}): readonly FieldView[] {
  if (view) return [view]
  if (product === undefined || codes === undefined) return [plain]
  const key = { kind: 'other_activity', channel: '', provider: '', variant: '' } as const
  return [...codes].map(code => asLogged({ ...key, product, code }))
}
