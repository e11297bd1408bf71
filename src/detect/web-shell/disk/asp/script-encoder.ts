/**
 * Text written by Microsoft's Script Encoder (`VBScript.Encode`, `JScript.Encode`): `#@~^` length `==` text check sum `==^#~@`.
 * Each character stands for one of three others, by turns: a spelling, not a cipher. What is read here stays text.
 */
const BLOCK = /#@~\^([A-Za-z\d+/]{6})==([\s\S]*?)[A-Za-z\d+/]{6}==\^#~@/g

/** What tab and the characters 32 to 126 are written as in the three alphabets; "?" where the character is never written so. */
const ALPHABETS = [
  'dP"Ja^][B`#e_~ORz!F &c*vG%,)i?\'?g?bAZf2sMCq9|SH1rnpI?Kj.\x7f(5}$-T7{=l4mN+0otkL3V:xWw;D/YE\\h6Xy\tu8UQ',
  '7~ZE:yY\'vcbMQSR &Tq+f*X\x7f{01lI?x?_?)$/93o!u(BFJ\\H6K}]jPi#\tpet,wD?m|C8^[nWL4r%VshUG25.dO;-Aaz"`kN=g',
  'i,er[fuLEv*C3B cJZ8y2Wl+FRO=p?{?Q?z~;GAwV_&xndtg}h5"U:`jqoI\\]\'Y%|#m(19\x7f6T4bN0^s\tKa$MkD!7SXH.P-)?/',
] as const

/** Which alphabet the next character is of; begins again after the last. */
const TURNS = '1201202002021020102011200210200211020201011201021020112001120102'

/** Characters that would end a script element or a line are written with a mark before them. */
const MARKED: Readonly<Record<string, string>> = { '&': '\n', '#': '\r', '*': '>', '!': '<', $: '@' }

const READ: readonly ReadonlyMap<string, string>[] = ALPHABETS.map(
  alphabet => new Map([...alphabet].map((written, index) => [written, index === 0 ? '\t' : String.fromCharCode(31 + index)])),
)

/** Is any part of the text encoded? */
export function isEncoded(text: string): boolean {
  return text.includes('#@~^')
}

/** The text with every encoded block replaced by what it spells. */
export function decodeScript(text: string): string {
  return isEncoded(text)
    ? text.replace(BLOCK, (_, length: string, body: string) => {
        const whole = withTabs(body, lengthOf(length))
        return likelier(decodeBlock(whole, false), whole)
      })
    : text
}

/** The length in characters, as four bytes in base64. */
function lengthOf(text: string): number {
  const [a = 0, b = 0, c = 0] = [...atob(`${text}==`)].map(letter => letter.charCodeAt(0))
  return a | (b << 8) | (c << 16)
}

/** Tab and delete are letters of the encoded text. An editor makes several blanks of the one and one of the other; then nothing else is a blank. */
function withTabs(body: string, length: number): string {
  if (/[\t\x7f]/.test(body) || !body.includes(' ')) return body
  const tabbed = body.replace(/ +/g, blanks => (blanks.length === 1 ? '\x7f' : '\t'))
  const missing = (text: string) => Math.abs(lettersIn(text) - length)
  return missing(tabbed) <= missing(body) ? tabbed : body
}

/** Marks of two characters count as one. */
const lettersIn = (text: string) => text.replace(/@[&#*!$]/g, '@').length

/** Pages in a code page of two bytes a character may come as single bytes: the second of a pair, which looks like ASCII, takes no turn then. */
function likelier(plain: string, body: string): string {
  if (!/[\x80-\uffff][@-~]/.test(body)) return plain
  const pairs = decodeBlock(body, true)
  return wordsIn(pairs) > wordsIn(plain) ? pairs : plain
}

const wordsIn = (text: string) => text.match(/\b(?:end|if|then|dim|set|response|request|function|sub|var)\b/gi)?.length ?? 0

function decodeBlock(body: string, pairs: boolean): string {
  let plain = ''
  let turn = 0
  for (let i = 0; i < body.length; i++) {
    const char = body.charAt(i)
    // Characters beyond ASCII are written as they are, and take no turn.
    if (char > '\x7f') {
      plain += char
      const next = body.charAt(i + 1)
      if (pairs && next !== '') {
        plain += next
        i++
      }
      continue
    }
    const marked = char === '@' ? MARKED[body.charAt(i + 1)] : undefined
    if (marked !== undefined) {
      plain += marked
      i++
    } else plain += READ[Number(TURNS.charAt(turn % TURNS.length))]?.get(char) ?? char
    turn++
  }
  return plain
}
