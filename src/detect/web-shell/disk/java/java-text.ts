const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', s: ' ' }

/** What a string, character or text block literal of Java spells: language specification 3.10.7. */
export function escapedText(literal: string): string {
  const block = literal.startsWith('"""')
  const body = block ? literal.slice(3, -3).replace(/^[ \t\f]*\r?\n/, '') : literal.slice(1, literal.length > 1 ? -1 : undefined)
  if (!body.includes('\\')) return body
  return body.replace(/\\(?:([0-3]?[0-7]{1,2})|(\r?\n)|([\s\S]))/g, (_, octal?: string, lineEnd?: string, char?: string) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    return lineEnd === undefined ? (ESCAPES[char ?? ''] ?? char ?? '') : ''
  })
}
