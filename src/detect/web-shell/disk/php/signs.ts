import type { Weighed } from '../score.ts'

/** Names such pages give themselves. */
const FAMILIES =
  /\b(?:c99(?:sh(?:ell)?)?|r57(?:sh(?:ell)?)?|b374k|wso(?:\s?shell|_version)?|filesman|indoxploit|weevely|phpspy|angel shell|mini ?shell|web ?shell|php ?shell|shell by|backdoor|k2ll33d|alfa ?shell|p0wny|antichat|nstview|locus7s|madspot|gny\.shell|ani[- ]shell|erne|spyshell|r00t|h4ck|hacked by|zone-h)\b/gi
/** Programs that look for such pages know their names, too: names alone never decide. */
const MAX_FAMILIES = 24
/** How hidden the text of a page is. */
const SIGNS: readonly (readonly [what: string, pattern: RegExp, times: number, weight: number])[] = [
  ['long packed text', /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{600}/g, 1, 25],
  ['packed text on many lines', /^[A-Za-z0-9+/=]{60,100}\r?$/gm, 9, 25],
  ['letters written as numbers', /\\x[0-9a-f]{2}|\\[0-3][0-7]{2}(?!\d)/gi, 40, 20],
  ['letters written as chr()', /\bchr\s*\(\s*(?:\d+|0x[\da-f]+)/gi, 15, 20],
  ['names of look-alike letters', /\$(?:_{0,2}[O0]{4,}\w*|[Il1]{5,}\w*|_{3,})(?!\w)/g, 3, 20],
  ['names outside of letters', /\$[\x80-\xff]/g, 2, 15],
  [
    'texts mixed bit by bit',
    /[^\s(,=.[{&|!?:<>]["']\s*\)?\s*(?:\^\s*(?:\/\*.*?\*\/\s*)?~?\(?\s*["'A-Za-z]|[&|]\s*~?\(?["'])|[\w)]\s*\^\s*~?["'][^"'\s]/g,
    3,
    25,
  ],
  ['variables of built names', /\$\{\s*["'](?:\\x|[A-Z\\x0-9]*\\x)|\$GLOBALS\s*\[\s*["'][^"']*\\x/gi, 2, 25],
  ['jumps instead of blocks', /\bgoto\s+\w+\s*;/g, 10, 25],
]

const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length

/** Text that is unpacked and run in one breath, whatever stands around it and whether or not it can be parsed. */
const RUNS_PACKED =
  /\b(?:eval|assert|create_function)\s*\(\s*(?:["'][^"']{0,40}["']\s*,\s*)?@?(?:(?:gzinflate|gzuncompress|gzdecode|str_rot13|strrev|base64_decode|urldecode|rawurldecode|stripslashes)\s*\(\s*){1,8}\\?["'][A-Za-z0-9+/=\s\\]{100}/i

/** Says so; pages that look for such pages write patterns, not packed text. */
export function runsPacked(text: string): Weighed[] {
  const found = RUNS_PACKED.exec(text)
  return found
    ? [
        {
          what: `packed text is unpacked and run: ${found[0].slice(0, 40)}`,
          line: lineAt(text, found.index),
          weight: 62,
          speaks: 'web-shell',
          group: 'packed-run',
          does: 'runs code it carries packed',
          techniques: ['T1027'],
        },
      ]
    : []
}

/** Signs that stand in the text itself. They never decide alone: what they mean depends on what the page does. */
export function textualSigns(text: string): Weighed[] {
  const found: Weighed[] = []
  const families = new Set([...text.matchAll(FAMILIES)].map(([word]) => word.toLowerCase()))
  const at = text.search(FAMILIES)
  if (families.size > 0)
    found.push({
      what: `words of such pages: ${[...families].slice(0, 4).join(', ')}`,
      line: at < 0 ? 1 : lineAt(text, at),
      weight: Math.min(MAX_FAMILIES, 12 * families.size),
      speaks: 'context',
      group: 'families',
    })
  let hidden = 0
  const how: string[] = []
  for (const [what, pattern, times, weight] of SIGNS) {
    let count = 0
    pattern.lastIndex = 0
    while (count < times && pattern.exec(text)) count++
    if (count < times) continue
    hidden += weight
    how.push(what)
  }
  if (hidden > 0)
    found.push({
      what: `hidden text: ${how.join(', ')}`,
      line: 1,
      weight: Math.min(45, hidden),
      speaks: 'context',
      group: 'hidden',
    })
  return found
}
