/** Escapes between double quotes: php.net/manual/language.types.string#language.types.string.syntax.double */
export function unescaped(sequence: string): string {
  const letter = sequence.charAt(1)
  const simple = SIMPLE[letter]
  if (simple !== undefined) return simple
  if (/^\\x[\da-f]/i.test(sequence)) return String.fromCharCode(Number.parseInt(sequence.slice(2), 16))
  if (/^\\[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence.slice(1), 8) & 255)
  if (/^\\u\{[\da-f]{1,6}\}/i.test(sequence)) return utf8(Number.parseInt(sequence.slice(3, -1), 16))
  return sequence
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  e: '\x1b',
  f: '\f',
  '\\': '\\',
  $: '$',
  '"': '"',
  '`': '`',
}

/** A character as the bytes of UTF-8, one character a byte. */
function utf8(code: number): string {
  if (code > 0x10ffff) return ''
  return String.fromCharCode(...new TextEncoder().encode(String.fromCodePoint(code)))
}

/**
 * The text the grammar reads: same length, but without what it stumbles over. Bytes above ASCII become letters (they may stand in names),
 * `$a{0}` becomes `$a[0]` (PHP before 8), a script element becomes a tag, an XML declaration becomes space.
 */
export function parseable(text: string): string {
  let plain = text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\uffff]/g, 'z')
  // A line may end with a carriage return alone, and so does a comment.
  if (!plain.includes('\n')) plain = plain.replaceAll('\r', '\n')
  const halt = /\b__halt_compiler\s*\(\s*\)\s*(?:;|\?>)/i.exec(plain)
  if (halt) plain = plain.slice(0, halt.index)
  // Between `$` and what names the variable there may be a comment.
  if (plain.includes('$/*'))
    plain = plain.replace(/\$(\/\*[\s\S]{0,200}?\*\/\s*)(?=[{$])/g, (_, comment: string) => `${' '.repeat(comment.length)}$`)
  if (/<\?xml/i.test(plain)) plain = plain.replace(/<\?xml/gi, '     ')
  if (/<script[^>]{0,60}language\s*=\s*["']?php/i.test(plain))
    plain = plain
      .replace(/<script[^>]{0,60}language\s*=\s*["']?php["']?[^>]*>/gi, tag => '<?php'.padEnd(tag.length))
      .replace(/<\/script>/gi, tag => '?>'.padEnd(tag.length))
  return plain.includes('{') ? plain.replace(/(\$\w+(?:\[[^\][{};\n]{0,60}\])*)\{([^{};\n]{1,60})\}(?!["\w])/g, '$1[$2]') : plain
}

/** Line numbers of places, for one text. */
export function lineFinder(text: string): (at: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  let last = 0
  return place => {
    // Places are asked for in order, mostly.
    if ((starts[last] ?? 0) > place) last = 0
    if (starts.length - last > 64 && (starts[last + 64] ?? Number.POSITIVE_INFINITY) <= place) {
      let low = last
      let high = starts.length - 1
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if ((starts[middle] ?? 0) <= place) low = middle
        else high = middle - 1
      }
      last = low
    }
    while (last + 1 < starts.length && (starts[last + 1] ?? 0) <= place) last++
    return last + 1
  }
}
