/**
 * Characters that change what a reader sees without being seen: C0 and C1 controls (terminal escapes), soft hyphen, zero-width and
 * bidirectional marks (CVE-2021-42574), enclosing marks, line and paragraph separators, interlinear annotation, tag characters, lone surrogates.
 */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udfff]|\p{Me}/gu

/** JavaScript spelling of one code point: "\x1b", "\u202e", "\u{e0041}". */
function spelled(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code === 9) return '\\t'
  if (code === 10) return '\\n'
  if (code === 13) return '\\r'
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}

/** No writing needs more marks on one letter; towers of them run over their neighbours and cannot be broken into lines. */
const TOWER = /(\p{M}{4})\p{M}+/gu

/** The text with every control, escape, hidden and direction-changing character written out, so that it can be shown anywhere. */
export function visible(text: string): string {
  return text.replace(HIDDEN, spelled).replace(TOWER, '$1…')
}

/** The same for prose of our own, where line breaks are only spaces. */
export function visibleLine(text: string): string {
  if (!text.includes('\n')) return visible(text)
  // Begins only where a run of blanks begins: a megabyte of blanks is then looked at once, not once for each of them.
  return visible(text.replace(/(?<!\s)\s+/g, blanks => (blanks.includes('\n') ? ' ' : blanks)))
}

/** At most `length` characters (never half a surrogate pair), with "…" at the end when something was cut. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text
  const points = [...text.slice(0, length * 2)]
  return points.length <= length && text.length <= length * 2 ? text : `${points.slice(0, Math.max(length - 1, 0)).join('')}…`
}

/** Characters JSON leaves as they are although a terminal or a browser obeys them: C1 controls, separators, bidirectional marks. */
const OBEYED = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** JSON text that means the same and can be printed in a terminal. */
export function inertJson(json: string): string {
  return json.replace(OBEYED, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
