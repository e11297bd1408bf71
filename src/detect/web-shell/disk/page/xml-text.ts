/** Expanded text of a page stays below this: entities of entities are how a small file becomes a huge one. */
const MAX_EXPANDED = 1 << 20
const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

/** XML 1.0 section 4.1: character references, the five entities every document has, and those given. Unknown ones stay as they are. */
export function decodeEntities(text: string, own: ReadonlyMap<string, string>): string {
  if (!text.includes('&')) return text
  let grown = 0
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|([\w.-]{1,60}));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        const value = own.get(name) ?? PREDEFINED.get(name)
        grown += value?.length ?? 0
        return value === undefined || grown > MAX_EXPANDED ? whole : value
      }
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/** The text of an element's body as an XML parser hands it over: sections of character data joined, comments left out, line ends kept. */
export function withoutMarkup(text: string, own: ReadonlyMap<string, string>): string {
  if (!/[<&]/.test(text)) return text
  let plain = ''
  let from = 0
  for (const found of text.matchAll(/<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)|<!--([\s\S]*?)-->/g)) {
    plain += decodeEntities(text.slice(from, found.index), own)
    // A comment leaves its line ends, so that places stay true.
    plain += found[1] ?? (found[2] ?? '').replace(/[^\n]+/g, '')
    from = found.index + found[0].length
  }
  return plain + decodeEntities(text.slice(from), own)
}
