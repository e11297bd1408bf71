const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
}
const SEQUENCE = /\\(?:x([\da-fA-F]{1,4})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g

/** Backslash sequences of ordinary texts: C# specification 6.4.5.6. */
export function escapedCsharp(body: string): string {
  if (!body.includes('\\')) return body
  return body.replace(SEQUENCE, (_, short?: string, four?: string, eight?: string, char?: string) => {
    const code = short ?? four ?? eight
    if (code === undefined) return ESCAPES[char ?? ''] ?? char ?? ''
    return String.fromCodePoint(Math.min(Number.parseInt(code, 16), 0x10ffff))
  })
}

/** What a text or character literal spells, with its quotes. */
export function csharpText(literal: string): string {
  const plain = literal.replace(/u8$/i, '')
  if (plain.startsWith('"""')) return plain.replace(/^"{3,}\r?\n?|\r?\n?[ \t]*"{3,}$/g, '')
  if (plain.startsWith('@"')) return plain.slice(2, -1).replaceAll('""', '"')
  return escapedCsharp(plain.slice(1, -1))
}

/** Identifiers may be written with escapes and a sign before words of the language. */
export function csharpName(text: string): string {
  return escapedCsharp(text.startsWith('@') ? text.slice(1) : text)
}
