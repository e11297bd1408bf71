import { type EventFieldsBuilder, systemName } from './windows-names.ts'

// Event XML as Windows, wevtutil, forwarders and Sysmon for Linux write it: learn.microsoft.com/windows/win32/wes/eventschema-schema.

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text with the five entities and character references of XML replaced. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? whole
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

interface OpenElement {
  readonly name: string
  readonly dataName: string | undefined
  text: string
  hasChildren: boolean
  hasAttributes: boolean
}

/** Deeper elements are read as text of no name; providers nest up to about 20. */
const MAX_DEPTH = 64

/** Index of the ">" that ends the tag at `at`, over quoted attribute values; -1 when the text ends before. */
function tagEnd(xml: string, at: number): number {
  let quote = ''
  for (let index = at; index < xml.length; index++) {
    const char = xml[index] as string
    if (quote) quote = char === quote ? '' : quote
    else if (char === '>') return index
    else if (char === '"' || char === "'") quote = char
  }
  return -1
}

/** Adds everything between `<Event>` and `</Event>` (or a piece such as `<EventData>`, or a list of `<Param>`) to the fields. */
export function readEventXml(xml: string, into: EventFieldsBuilder): void {
  const open: OpenElement[] = []
  let at = 0
  while (at < xml.length) {
    const tag = xml.indexOf('<', at)
    const top = open.at(-1)
    if (top) top.text += unescapeXml(xml.slice(at, tag < 0 ? xml.length : tag))
    if (tag < 0) return
    if (xml.startsWith('<![CDATA[', tag)) {
      const end = xml.indexOf(']]>', tag)
      if (top) top.text += xml.slice(tag + 9, end < 0 ? xml.length : end)
      at = end < 0 ? xml.length : end + 3
      continue
    }
    const end = tagEnd(xml, tag + 1)
    if (end < 0) return
    readTag(xml.slice(tag + 1, end), open, into)
    at = end + 1
  }
}

/** What stands between "<" and ">". */
function readTag(tag: string, open: OpenElement[], into: EventFieldsBuilder): void {
  const name = /^\/?([A-Za-z_][\w.:-]*)/.exec(tag)?.[1]
  if (name === undefined) return
  if (tag.startsWith('/')) {
    closeElement(open, name, into)
    return
  }
  const top = open.at(-1)
  if (top) top.hasChildren = true
  if (open.length >= MAX_DEPTH) return
  const isEmpty = tag.endsWith('/')
  open.push(openElement(open, name, attributesOf(tag.slice(name.length, isEmpty ? -1 : undefined)), into))
  if (isEmpty) closeElement(open, name, into)
}

/** name="value" pairs; what is none is passed over. */
function attributesOf(text: string): readonly (readonly [string, string])[] {
  const found: (readonly [string, string])[] = []
  let at = 0
  for (;;) {
    const equals = text.indexOf('=', at)
    if (equals < 0) return found
    let start = equals + 1
    while (text[start] === ' ') start++
    const quote = text[start]
    const end = quote === '"' || quote === "'" ? text.indexOf(quote, start + 1) : -1
    if (end < 0) return found
    const name = text.slice(at, equals).trim()
    if (/^[\w.:-]+$/.test(name)) found.push([name, unescapeXml(text.slice(start + 1, end))])
    at = end + 1
  }
}

/** Names of elements above, without the Event around all. */
const pathOf = (open: readonly OpenElement[]) =>
  open.map(element => element.name).filter(name => name !== 'Event' && name !== 'Events')

function openElement(
  open: readonly OpenElement[],
  name: string,
  attributes: readonly (readonly [string, string])[],
  into: EventFieldsBuilder,
): OpenElement {
  const isData = name === 'Data' || name === 'ComplexData'
  const [section = name, ...rest] = [...pathOf(open), name].filter(part => part !== 'Event' && part !== 'Events')
  let dataName: string | undefined
  let hasAttributes = false
  for (const [key, value] of attributes) {
    if (key.startsWith('xml')) continue
    if (isData && key === 'Name') dataName = value
    else if (section === 'System') into.set(systemName(rest.join('_'), key), value)
    else into.data(section, `${leafName(section, rest) || section}_${key}`, value)
    if (!(isData && key === 'Name')) hasAttributes = true
  }
  return { name, dataName, text: '', hasChildren: false, hasAttributes }
}

const leafName = (section: string, rest: readonly string[]) =>
  section === 'UserData' && rest.length > 1 ? rest.slice(1).join('_') : rest.join('_')

function closeElement(open: OpenElement[], name: string, into: EventFieldsBuilder): void {
  const index = open.findLastIndex(element => element.name === name)
  if (index < 0) return
  // An end tag that skips others closes them as well.
  const element = open[index]
  open.length = index
  if (!element || (element.hasChildren && element.text.trim() === '')) return
  const [section = name, ...rest] = [...pathOf(open), name].filter(part => part !== 'Event' && part !== 'Events')
  if (name === 'Param' || (name === 'Data' && element.dataName === undefined && section !== 'UserData'))
    into.addUnnamed(element.text)
  else if (element.dataName !== undefined) into.data(section, element.dataName, element.text)
  else if (rest.length === 0 || (element.text === '' && (section === 'System' || element.hasAttributes))) return
  else if (section === 'System') into.set(systemName(rest.join('_')), element.text)
  else if (section === 'EventData' || section === 'UserData') into.data(section, leafName(section, rest), element.text)
  else into.data(section, `${section}_${rest.join('_')}`, element.text)
}
