import type { Slot, TemplateField } from './element-parser.ts'
import type { Place } from './plan.ts'
import { Template } from './template.ts'
import { BINXML_TYPE, NULL_TYPE } from './values.ts'

/** What the event log service writes in System: number and type of the value, element, attribute. */
type SystemSlot = readonly [index: number, type: number, element: string, attribute?: string]

/**
 * The service numbers the values of System alike in all definitions it writes (all 518 of the logs this was tested with). The
 * second group is there only where provider and channel are values too.
 */
const SYSTEM: readonly SystemSlot[] = [
  [3, 0x06, 'EventID'],
  [4, 0x06, 'EventID', 'Qualifiers'],
  [11, 0x04, 'Version'],
  [0, 0x04, 'Level'],
  [2, 0x06, 'Task'],
  [1, 0x04, 'Opcode'],
  [5, 0x15, 'Keywords'],
  [6, 0x11, 'TimeCreated', 'SystemTime'],
  [10, 0x0a, 'EventRecordID'],
  [7, 0x0f, 'Correlation', 'ActivityID'],
  [8, 0x08, 'Execution', 'ProcessID'],
  [9, 0x08, 'Execution', 'ThreadID'],
  [12, 0x13, 'Security', 'UserID'],
]
const PROVIDER_AND_CHANNEL: readonly SystemSlot[] = [
  [14, 0x01, 'Provider', 'Name'],
  [15, 0x0f, 'Provider', 'Guid'],
  [13, 0x0f, 'Correlation', 'RelatedActivityID'],
  [16, 0x01, 'Channel'],
]
/** Values of a definition with provider and channel: those named, and the event's data. */
const WITH_PROVIDER = 18
/** Values without which the numbering above is not believed: EventID, TimeCreated, EventRecordID. */
const TELLING = [3, 6, 10]

const field = (path: readonly string[], attribute: string | undefined, slot: Slot): TemplateField => ({
  path,
  attribute,
  dataName: undefined,
  parts: [slot],
  onlyWith: undefined,
})

const systemField = ([index, type, element, attribute]: SystemSlot) =>
  field(['Event', 'System', element], attribute, { index, type, optional: true })

const hasTypes = (types: readonly number[], slots: readonly SystemSlot[]) =>
  slots.every(([index, type]) => types[index] === type || types[index] === NULL_TYPE)

/** A definition for values whose own is gone: System where it can be told by its numbering, everything else Data without a name. */
export function definitionWithoutNames(types: readonly number[], { path }: Place): Template {
  const isSystem = path.length === 0 && hasTypes(types, SYSTEM) && TELLING.every(index => types[index] !== NULL_TYPE)
  if (!isSystem) {
    const data = path.length === 0 ? ['Event', 'EventData', 'Data'] : ['EventData', 'Data']
    return new Template(types.map((type, index) => field(data, undefined, { index, type, optional: true })))
  }
  const slots =
    types.length === WITH_PROVIDER && hasTypes(types, PROVIDER_AND_CHANNEL) ? [...SYSTEM, ...PROVIDER_AND_CHANNEL] : SYSTEM
  const embedded = types.flatMap((type, index) =>
    type === BINXML_TYPE ? [field(['Event'], undefined, { index, type, optional: true })] : [],
  )
  return new Template([...slots.map(systemField), ...embedded])
}
