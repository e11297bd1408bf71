/** More pairs than any device writes on one line. */
const MAX_PAIRS = 512
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92
const EQUALS = 61

/** Fields of `name=value name="value with spaces and \" quotes"` text from `start`; the first one of a name counts. */
export function keyValues(line: string, start = 0): Readonly<Record<string, string>> {
  // No prototype: a field may be called "constructor".
  const fields: Record<string, string> = Object.create(null)
  let at = start
  for (let pairs = 0; pairs < MAX_PAIRS && at < line.length; pairs++) {
    while (line.charCodeAt(at) === SPACE) at++
    const equals = line.indexOf('=', at)
    if (equals < 0) break
    const space = line.lastIndexOf(' ', equals)
    // Words without "=" between pairs belong to nobody.
    const name = line.slice(Math.max(at, space + 1), equals)
    let value: string
    if (line.charCodeAt(equals + 1) === QUOTE) {
      const end = closingQuote(line, equals + 2)
      value = unescaped(line.slice(equals + 2, end))
      at = end + 1
    } else {
      const end = line.indexOf(' ', equals + 1)
      at = end < 0 ? line.length : end
      value = line.slice(equals + 1, at)
    }
    if (name !== '' && name.length <= 64 && fields[name] === undefined) fields[name] = value
  }
  return fields
}

/** The quote that ends a value: not escaped, and at the end or before a space; devices write user input, which may hold bare quotes. */
function closingQuote(line: string, start: number): number {
  let first = -1
  for (let at = line.indexOf('"', start); at >= 0; at = line.indexOf('"', at + 1)) {
    if (isEscaped(line, at, start)) continue
    if (first < 0) first = at
    if (at + 1 === line.length || line.charCodeAt(at + 1) === SPACE || line.charCodeAt(at + 1) === 44) return at
    if (at - first > 4096 || isNextName(line, at + 1)) break
  }
  return first < 0 ? line.length : first
}

function isEscaped(line: string, at: number, start: number): boolean {
  let slashes = 0
  while (at - 1 - slashes >= start && line.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
  return slashes % 2 === 1
}

function isNextName(line: string, at: number): boolean {
  for (let end = at; end < at + 64 && end < line.length; end++) {
    if (line.charCodeAt(end) === EQUALS) return end > at
    if (!/[\w.-]/.test(line[end] ?? '')) return false
  }
  return false
}

function unescaped(value: string): string {
  return value.includes('\\') ? value.replace(/\\(["\\])/g, '$1') : value
}
