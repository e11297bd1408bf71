/** A row of source after escapes were read, and the line of the file it came from. */
export interface Row {
  readonly text: string
  readonly line: number
}

const ESCAPE = /\\(\\|u+([\da-fA-F]{4}))/g

/**
 * Unicode escapes are read before anything else in Java (language specification 3.3): `\u000a` ends a line, even one of a comment. Rows that
 * such an escape begins stand in the line of the file they were written in.
 */
export function withoutUnicodeEscapes(text: string, firstLine: number): Row[] {
  return text.split('\n').flatMap((row, index) => {
    const line = firstLine + index
    if (!row.includes('\\u')) return [{ text: row, line }]
    const plain = row.replace(ESCAPE, (whole, _, code?: string) =>
      code === undefined ? whole : String.fromCharCode(Number.parseInt(code, 16)),
    )
    return plain.split(/\r\n|\n|\r(?=.)/).map(piece => ({ text: piece, line }))
  })
}
