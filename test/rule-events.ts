import { type EvidenceId, type Micros, originalFields, type SecurityEvent, type SourceFacts } from '../src/model/index.ts'
import { windowsEvent } from '../src/readers/meanings/windows.ts'
import { readers } from '../src/readers/registry.ts'
import { type CompiledRules, type FeedHit, runCorrelations } from '../src/rules/index.ts'
import { readText } from './text-part.ts'

type Fields = Readonly<Record<string, string>>

/** One case of a `*.events.yml` file: a Windows event, several, or lines of a text log, and whether the rule fires on them. */
export interface RuleCase {
  readonly fires: boolean
  readonly why?: string
  /** A Windows event under the names of its own XML; EventID and Channel always, Provider_Name where the channel has several. */
  readonly event?: Fields
  readonly events?: readonly Fields[]
  readonly line?: string
  readonly lines?: readonly string[]
  /** Of `line` and `lines`: the reader, by its format. */
  readonly format?: string
  readonly path?: string
  readonly facts?: SourceFacts
}

/** The events of a case as the readers hand them over. */
export function eventsOfCase(item: RuleCase): readonly SecurityEvent[] {
  const records = item.events ?? (item.event ? [item.event] : [])
  if (records.length > 0) return records.map(windowsRecord)
  const lines = item.lines ?? (item.line === undefined ? [] : [item.line])
  const reader = readers.find(({ format }) => format === item.format)
  if (!reader) throw new Error(`no reader has the format "${item.format ?? ''}"`)
  const { path = `test.${reader.format}`, facts = { host: 'host.example', year: 2026, zone: 'UTC' } } = item
  const { events, diagnostics } = readText(reader, `${lines.join('\n')}\n`, { path, facts })
  if (events.length === 0)
    throw new Error(`${reader.format} read no event: ${diagnostics.map(({ message }) => message).join('; ')}`)
  return events
}

function windowsRecord(fields: Fields, position: number): SecurityEvent {
  const {
    EventID: eventId = '',
    Channel: channel = '',
    Provider_Name: provider = '',
    Computer: computer = 'host.example',
  } = fields
  if (eventId === '' || channel === '') throw new Error(`an event needs EventID and Channel: ${JSON.stringify(fields)}`)
  return windowsEvent(
    {
      original: originalFields({ Computer: computer, ...fields }),
      provider,
      channel,
      computer,
      eventId,
      recordId: position + 1,
      time: ((fields['TimeCreated'] ? Date.parse(fields['TimeCreated']) : position * 1000) * 1000) as Micros,
    },
    { evidence: 'test' as EvidenceId, record: position + 1, offset: 0 },
  )
}

/** Fields of a process start that Sysmon 1 and Security 4688 both have, by their Sysmon name. */
const IN_4688: Readonly<Record<string, string>> = {
  Image: 'NewProcessName',
  ParentImage: 'ParentProcessName',
  CommandLine: 'CommandLine',
  Computer: 'Computer',
  TimeCreated: 'TimeCreated',
}

/**
 * The same process starts as Security 4688 tells them, so that no rule sees only half of the machines; nothing where a case needs
 * a field that only Sysmon has.
 */
export function as4688(item: RuleCase): readonly RuleCase[] {
  const records = item.events ?? (item.event ? [item.event] : [])
  const twins = records.map(twinOf).filter(twin => twin !== undefined)
  return twins.length > 0 && twins.length === records.length ? [{ fires: item.fires, events: twins }] : []
}

function twinOf({ EventID: eventId, Channel: channel, ...fields }: Fields): Fields | undefined {
  if (eventId !== '1' || !/sysmon/i.test(channel ?? '')) return undefined
  const renamed: Record<string, string> = { EventID: '4688', Channel: 'Security' }
  for (const [name, value] of Object.entries(fields)) {
    const other = IN_4688[name]
    if (other === undefined) return undefined
    renamed[other] = value
  }
  return renamed
}

/** Does a rule match one of the events, or, where the file holds correlations, does one of them fire over all of them? */
export async function firesOn(
  { matcher, correlations }: CompiledRules,
  own: readonly string[],
  item: RuleCase,
): Promise<boolean> {
  const hits = eventsOfCase(item).flatMap(event => matcher.match(event).map(hit => ({ event, hit })))
  const counted = correlations.correlations.some(({ key }) => own.includes(key))
  if (!counted) return hits.some(({ hit }) => own.includes(hit.rule))
  const feed = hits.flatMap(({ event, hit }): readonly FeedHit[] => {
    if (!hit.correlated || event.time === undefined) return []
    const values = Object.entries(hit.correlated.values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    const { source, time, host } = event
    return [{ rule: hit.rule, time, ...source, host, values: Object.fromEntries(values), accounts: [], addresses: [] }]
  })
  const sorted = feed.toSorted((a, b) => a.time - b.time || a.record - b.record)
  const { firings } = await runCorrelations(correlations, rules => [sorted.filter(({ rule }) => rules.includes(rule))])
  return firings.some(({ correlation }) => own.includes(correlation.key))
}
