import { isJsonFields, type JsonFields, jsonFieldsOf, nestedFields, ownField, plainText } from '../carriers/json-value.ts'
import { EventFieldsBuilder, systemName } from '../meanings/windows-names.ts'
import { readEventXml } from '../meanings/windows-xml.ts'

/** A time as the export writes it, under the name it has there. */
export interface StatedTime {
  readonly name: string
  readonly value: unknown
}

/** An event out of any export: fields under the names of event XML, and the times the export states, the most trusted first. */
export interface ExportedEvent {
  readonly fields: Readonly<Record<string, string>>
  readonly times: readonly StatedTime[]
}

/** Names an export may use for what event XML calls otherwise; the first that is there counts. */
const SYNONYMS: readonly (readonly [string, readonly string[]])[] = [
  ['EventID', ['EventID', 'EventId', 'event_id', 'EventCode', 'Id']],
  ['Channel', ['Channel', 'LogName', 'EventLog', 'log_name', 'channel']],
  [
    'Provider_Name',
    ['Provider_Name', 'ProviderName', 'EventSourceName', 'SourceName', 'provider_name', 'source_name', 'Provider', 'Source'],
  ],
  ['Provider_Guid', ['Provider_Guid', 'ProviderGuid', 'ProviderId', 'provider_guid']],
  ['Computer', ['Computer', 'ComputerName', 'computer_name', 'Hostname', 'HostName', 'MachineName']],
  ['EventRecordID', ['EventRecordID', 'EventRecordId', 'RecordNumber', 'RecordId', 'record_id', 'record_number', 'Index']],
  ['Execution_ProcessID', ['Execution_ProcessID', 'ExecutionProcessID', 'SystemProcessId']],
  ['Execution_ThreadID', ['Execution_ThreadID', 'ExecutionThreadID', 'ThreadID', 'SystemThreadId']],
  ['Level', ['Level', 'EventLevel']],
  ['Message', ['Message', 'message', 'RenderedDescription']],
]

/** Times of the event itself, the most trusted first. */
const EVENT_TIMES = ['TimeCreated', '@timestamp', 'TimeGenerated', 'SystemTime', 'EventTime', 'timestamp', '_time']
/** Times of transport and of the provider's own clock: kept beside the event time. */
const OTHER_TIMES = ['UtcTime', 'EventReceivedTime', 'TimeWritten', 'TimeCollected', 'event.created', 'event.ingested']

/** Places of whole event XML inside an object. */
const XML_FIELDS = ['_raw', 'Xml', 'xml', 'EventXml', 'RawXml', 'SyslogMessage', 'event.original', 'message']
/** Objects other tools put around the event. */
const WRAPPERS = ['_source', 'result', 'Event', 'event_record']
/** Lists of events inside one object, as queries of services and exports of tools return them. */
const LISTS = ['Events', 'events', 'value', 'records', 'Records', 'results', 'rows']

/** The objects of an export that is one object around a list ("value": [...], "hits": {"hits": [...]}); undefined when it is none. */
export function listedObjects(object: JsonFields): readonly JsonFields[] | undefined {
  const hits = nestedFields(object, 'hits')
  const candidates = [...LISTS.map(name => ownField(object, name)), hits ? ownField(hits, 'hits') : undefined]
  const list = candidates.find(candidate => Array.isArray(candidate))
  if (!Array.isArray(list)) return undefined
  const objects = list.filter(isJsonFields)
  return objects.length > 0 && objects.length === list.length ? objects : undefined
}

/** The event of an object of any known shape; undefined when it is none. */
export function exportedEvent(object: JsonFields, depth = 0): ExportedEvent | undefined {
  const system = nestedFields(object, 'System')
  if (system) return fromSystem(system, object)
  const winlog = nestedFields(object, 'winlog')
  if (winlog) return fromWinlogbeat(winlog, object)
  if (Object.keys(object).some(key => key.startsWith('winlog.'))) return exportedEvent(unflatten(object), depth)
  for (const name of depth < 2 ? WRAPPERS : []) {
    const inner = nestedFields(object, name)
    const event = inner ? exportedEvent(inner, depth + 1) : undefined
    if (event) return event
  }
  return fromXmlText(object) ?? fromFlat(object)
}

/** Deepest nesting that is followed; events nest up to about 6. */
const MAX_DEPTH = 12

const text = (object: JsonFields, name: string) => plainText(ownField(object, name))

/** evtx_dump and XML converters: Event.System and Event.EventData or UserData, attributes under various marks. */
function fromSystem(system: JsonFields, event: JsonFields): ExportedEvent {
  const fields = new EventFieldsBuilder()
  for (const [name, value] of Object.entries(system)) {
    if (name.endsWith('_attributes') && isJsonFields(value)) setAttributes(fields, name.slice(0, -'_attributes'.length), value)
    else if (isJsonFields(value)) {
      setAttributes(fields, name, value)
      fields.set(systemName(name), contentText(value))
    } else if (!isMark(name)) fields.set(systemName(name), plainText(value))
  }
  for (const section of ['EventData', 'UserData', 'RenderingInfo', 'ProcessingErrorData']) {
    const value = ownField(event, section)
    if (isJsonFields(value)) section === 'UserData' ? setUserData(fields, value) : setSection(fields, section, value)
    else if (value !== undefined && value !== null) setUnnamed(fields, value)
  }
  return { fields: fields.finish(), times: statedTimes(event, fields) }
}

/** Keys of XML converters that are no elements. */
const isMark = (name: string) =>
  name.startsWith('#') || name.startsWith('@') || name === '$' || name === '_attributes' || name.startsWith('xmlns')

/** The attributes of an element: in an object of their own, or with "@" before their names. */
function attributesOf(element: JsonFields): readonly (readonly [string, string | undefined])[] {
  const group = nestedFields(element, '#attributes') ?? nestedFields(element, '_attributes') ?? nestedFields(element, '$')
  const marked = Object.entries(element).filter(([name]) => name.startsWith('@'))
  const list = [...(group ? Object.entries(group) : []), ...marked.map(([name, value]) => [name.slice(1), value] as const)]
  return list.filter(([name]) => !name.startsWith('xmlns')).map(([name, value]) => [name, plainText(value)])
}

const contentText = (element: JsonFields) =>
  text(element, '#text') ?? text(element, '_') ?? text(element, '$t') ?? text(element, '#value')

/** Attributes of an element of System. Converters that keep no marks write them as plain members. */
function setAttributes(fields: EventFieldsBuilder, element: string, value: JsonFields): void {
  const marked = attributesOf(value)
  const plain = marked.length > 0 ? [] : Object.entries(value).map(([name, item]) => [name, plainText(item)] as const)
  for (const [name, item] of [...marked, ...plain]) if (!isMark(name)) fields.set(systemName(element, name), item)
}

function setSection(fields: EventFieldsBuilder, section: string, value: JsonFields): void {
  for (const [name, item] of Object.entries(value)) {
    if (isMark(name) || name.endsWith('_attributes')) continue
    if (name === 'Data') setUnnamed(fields, item)
    else if (section === 'EventData') fields.data(section, name, looseText(item))
    else fields.data(section, `${section}_${name}`, looseText(item))
  }
}

/** Unnamed Data: one text, a list, or elements that carry their name as an attribute. */
function setUnnamed(fields: EventFieldsBuilder, value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) return
  if (Array.isArray(value)) {
    for (const item of value) setUnnamed(fields, item, depth + 1)
    return
  }
  if (!isJsonFields(value)) {
    fields.addUnnamed(plainText(value))
    return
  }
  const name = attributesOf(value).find(([attribute]) => attribute === 'Name')?.[1]
  const inner = ownField(value, '#text')
  if (name !== undefined) fields.data('EventData', name, contentText(value) ?? '')
  else if (inner !== undefined) setUnnamed(fields, inner, depth + 1)
  else if ('Value' in value) fields.addUnnamed(looseText(value['Value']) ?? '')
}

/** UserData has one element of the provider's own around the fields. */
function setUserData(fields: EventFieldsBuilder, userData: JsonFields): void {
  for (const [name, value] of Object.entries(userData)) {
    if (isMark(name) || name.endsWith('_attributes')) continue
    if (isJsonFields(value)) setLeaves(fields, value, '', 0)
    else fields.data('UserData', name, looseText(value))
  }
}

function setLeaves(fields: EventFieldsBuilder, element: JsonFields, above: string, depth: number): void {
  for (const [name, value] of Object.entries(element)) {
    if (isMark(name) || name.endsWith('_attributes')) continue
    const path = above ? `${above}_${name}` : name
    if (isJsonFields(value) && depth < MAX_DEPTH) {
      for (const [attribute, item] of attributesOf(value)) fields.data('UserData', `${path}_${attribute}`, item)
      const content = contentText(value)
      if (content !== undefined) fields.data('UserData', path, content)
      setLeaves(fields, value, path, depth + 1)
    } else fields.data('UserData', path, looseText(value))
  }
}

/** Text of any value: lists a line each, objects as JSON, so that nothing is lost; what is nested deeper than anybody reads is left out. */
function looseText(value: unknown, depth = 0): string | undefined {
  if (value === null || value === undefined) return undefined
  if (isJsonFields(value)) return contentText(value) ?? JSON.stringify(shallow(value, depth))
  if (!Array.isArray(value)) return plainText(value)
  return depth < MAX_DEPTH ? value.map(item => looseText(item, depth + 1) ?? '').join('\n') : LEFT_OUT
}

const LEFT_OUT = '…'

/** A copy no deeper than the engine can print. */
function shallow(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return LEFT_OUT
  if (Array.isArray(value)) return value.map(item => shallow(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shallow(item, depth + 1)]))
}

/** Winlogbeat 7 and Elastic Agent: elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html. */
function fromWinlogbeat(winlog: JsonFields, object: JsonFields): ExportedEvent {
  const fields = new EventFieldsBuilder()
  const process = nestedFields(winlog, 'process')
  const thread = process ? nestedFields(process, 'thread') : undefined
  const event = nestedFields(object, 'event')
  const user = nestedFields(winlog, 'user')
  const provider = event ? text(event, 'provider') : undefined
  fields.set('Provider_Name', text(winlog, 'provider_name') ?? provider)
  fields.set('Provider_Guid', text(winlog, 'provider_guid'))
  fields.set('EventID', text(winlog, 'event_id') ?? (event ? text(event, 'code') : undefined))
  for (const [name, source] of WINLOG_SYSTEM) fields.set(name, text(winlog, source))
  fields.set('Keywords', looseText(ownField(winlog, 'keywords')))
  fields.set('Execution_ProcessID', process ? text(process, 'pid') : undefined)
  fields.set('Execution_ThreadID', thread ? text(thread, 'id') : undefined)
  fields.set('UserID', user ? text(user, 'identifier') : undefined)
  for (const section of ['event_data', 'user_data']) {
    const data = nestedFields(winlog, section)
    const name = section === 'event_data' ? 'EventData' : 'UserData'
    for (const [key, value] of data ? Object.entries(data) : []) {
      // Winlogbeat names unnamed values param1, param2 …
      if (key !== 'xml_name') fields.data(name, key, looseText(value))
    }
  }
  fields.set('Message', text(object, 'message'))
  const times: StatedTime[] = [{ name: '@timestamp', value: ownField(object, '@timestamp') ?? ownField(winlog, 'time_created') }]
  for (const name of ['created', 'ingested']) if (event) times.push({ name: `event.${name}`, value: ownField(event, name) })
  times.push({ name: 'UtcTime', value: fields.get('UtcTime') })
  return { fields: fields.finish(), times }
}

const WINLOG_SYSTEM: readonly (readonly [string, string])[] = [
  ['Channel', 'channel'],
  ['Computer', 'computer_name'],
  ['EventRecordID', 'record_id'],
  ['Version', 'version'],
  ['Task', 'task'],
  ['Opcode', 'opcode'],
  ['Correlation_ActivityID', 'activity_id'],
]

/** "winlog.event_data.Image": one level of members for each dot, as queries of Elasticsearch return them. */
function unflatten(object: JsonFields): JsonFields {
  const root: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(object)) {
    const path = name.split('.', 4)
    const rest = name
      .split('.')
      .slice(path.length - 1)
      .join('.')
    let node = root
    for (const part of path.slice(0, -1)) {
      const next = isJsonFields(node[part]) ? (node[part] as Record<string, unknown>) : Object.create(null)
      node[part] = next
      node = next
    }
    node[rest] = value
  }
  return root
}

function fromXmlText(object: JsonFields): ExportedEvent | undefined {
  for (const name of XML_FIELDS) {
    const xml = text(object, name)
    if (xml === undefined || !/^\s*<Event[\s>]/.test(xml)) continue
    const fields = new EventFieldsBuilder()
    readEventXml(xml, fields)
    if (fields.get('EventID') === undefined) continue
    return { fields: fields.finish(), times: statedTimes(object, fields) }
  }
  return undefined
}

/** Flat members: nxlog, Mordor sets, Azure Log Analytics, Winlogbeat 6, Splunk, Get-WinEvent, Get-EventLog. */
function fromFlat(object: JsonFields): ExportedEvent | undefined {
  const canonical = new Map<string, string>()
  for (const [name, synonyms] of SYNONYMS) {
    const found = synonyms.find(synonym => text(object, synonym) !== undefined && !canonical.has(synonym))
    if (found !== undefined) canonical.set(found, name)
  }
  const has = new Set(canonical.values())
  if (!has.has('EventID') || !(has.has('Channel') || has.has('Provider_Name'))) return undefined
  const isShell = 'ProviderName' in object && 'Properties' in object
  const fields = new EventFieldsBuilder()
  // System names first, so that a member of the same name cannot take their place.
  for (const [found, name] of canonical) fields.set(name, text(object, found))
  for (const [name, value] of Object.entries(object)) {
    if (canonical.has(name) || EVENT_TIMES.includes(name)) continue
    setFlat(fields, name, value, isShell)
  }
  return { fields: fields.finish(), times: statedTimes(object, fields) }
}

/** Members of Get-WinEvent that describe the object, not the event. */
const SHELL_NAMES: Readonly<Record<string, string>> = {
  ProcessId: 'Execution_ProcessID',
  ThreadId: 'Execution_ThreadID',
  UserId: 'UserID',
}

function setFlat(fields: EventFieldsBuilder, name: string, value: unknown, isShell: boolean): void {
  if (name === 'EventData' || name === 'event_data' || name === 'UserData' || name === 'user_data') setData(fields, value)
  else if (name === 'ParameterXml' && typeof value === 'string') readEventXml(value, fields)
  else if ((name === 'Properties' || name === 'ReplacementStrings') && Array.isArray(value)) setUnnamed(fields, value)
  else if (name === 'Keywords') fields.set(name, keywordsText(value))
  else if (isShell && Object.hasOwn(SHELL_NAMES, name)) fields.set(SHELL_NAMES[name] ?? name, shellText(value))
  else if (name.includes(' ') || !isJsonFields(value)) fields.set(name.replaceAll(' ', ''), looseText(value))
  else setLeavesDotted(fields, value, name, 0)
}

/** A SID is an object of PowerShell with its text in Value. */
const shellText = (value: unknown) => (isJsonFields(value) ? text(value, 'Value') : plainText(value))

/** EventData as an object, as JSON text (Azure WindowsEvent) or as XML text (Azure SecurityEvent and Event). */
function setData(fields: EventFieldsBuilder, value: unknown): void {
  if (isJsonFields(value)) setSection(fields, 'EventData', value)
  else if (typeof value !== 'string') setUnnamed(fields, value)
  else if (/^\s*</.test(value)) readEventXml(value, fields)
  else {
    const object = jsonFieldsOf(value)
    if (object) setSection(fields, 'EventData', object)
    else fields.addUnnamed(value)
  }
}

function setLeavesDotted(fields: EventFieldsBuilder, object: JsonFields, above: string, depth: number): void {
  for (const [name, value] of Object.entries(object))
    if (isJsonFields(value) && depth < MAX_DEPTH) setLeavesDotted(fields, value, `${above}.${name}`, depth + 1)
    else fields.set(`${above}.${name}`, looseText(value))
}

/** Key words are a 64-bit mask; exports that print it as a signed number mean the same bits. */
function keywordsText(value: unknown): string | undefined {
  const text = looseText(value)
  if (text === undefined || !/^-?\d{6,20}$/.test(text)) return text
  return `0x${BigInt.asUintN(64, BigInt(text)).toString(16)}`
}

function statedTimes(object: JsonFields, fields: EventFieldsBuilder): readonly StatedTime[] {
  const times = EVENT_TIMES.map(name => ({ name, value: fields.get(name) ?? ownField(object, name) }))
  const others = OTHER_TIMES.map(name => ({ name, value: ownField(object, name) ?? fields.get(name) }))
  return [...times, ...others].filter(time => time.value !== undefined && time.value !== null)
}

/** All members of an object nobody knows, so that it is kept and can be searched. */
export function looseFields(object: JsonFields): Readonly<Record<string, string>> {
  const fields = new EventFieldsBuilder()
  for (const [name, value] of Object.entries(object))
    if (isJsonFields(value)) setLeavesDotted(fields, value, name, 0)
    else fields.set(name, looseText(value))
  return fields.finish()
}
