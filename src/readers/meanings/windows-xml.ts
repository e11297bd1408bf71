import { type EventFieldsBuilder, systemName } from './windows-names.ts'

// Event XML as Windows, wevtutil, forwarders and Sysmon for Linux write it: learn.microsoft.com/windows/win32/wes/eventschema-schema.

/** A tag, an end tag, or text between tags. One alternative always matches at least one character, so work is linear. */
const TOKEN =
  /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|<!\[CDATA\[([\s\S]*?)\]\]>|<[^>]*>|[^<]+|</g
const ATTRIBUTE = /([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

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

/** Adds everything between `<Event>` and `</Event>` (or a piece such as `<EventData>`, or a list of `<Param>`) to the fields. */
export function readEventXml(xml: string, into: EventFieldsBuilder): void {
  const open: OpenElement[] = []
  for (const match of xml.matchAll(TOKEN)) {
    const [token, slash, name, attributes = '', selfClosing, cdata] = match
    const top = open.at(-1)
    if (name === undefined) {
      if (top && (cdata !== undefined || !token.startsWith('<'))) top.text += cdata ?? unescapeXml(token)
    } else if (slash) closeElement(open, name, into)
    else {
      if (top) top.hasChildren = true
      if (open.length >= MAX_DEPTH) continue
      open.push(openElement(open, name, attributes, into))
      if (selfClosing) closeElement(open, name, into)
    }
  }
}

/** Names of elements above, without the Event around all. */
const pathOf = (open: readonly OpenElement[]) =>
  open.map(element => element.name).filter(name => name !== 'Event' && name !== 'Events')

function openElement(open: readonly OpenElement[], name: string, attributes: string, into: EventFieldsBuilder): OpenElement {
  const isData = name === 'Data' || name === 'ComplexData'
  const [section = name, ...rest] = [...pathOf(open), name].filter(part => part !== 'Event' && part !== 'Events')
  let dataName: string | undefined
  let hasAttributes = false
  for (const [, key = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    const value = unescapeXml(double ?? single ?? '')
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
