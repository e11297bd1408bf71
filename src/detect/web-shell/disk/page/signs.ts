import { fromBase64 } from '../fold.ts'
import type { Weighed } from '../score.ts'
import { TOOLS } from './tools.ts'

/** What only pages that administer a server for a stranger say of themselves. */
const FAMILIES =
  /\b(?:jspspy|jsp ?file ?browser|jfolder|jsp ?shell|cmdjsp|aspx? ?shell|aspxspy|asp ?spy|cmdasp|ntdaddy|zehir|rhtools|efso_?\d?|remote ?explorer|web ?shell|backdoor|shell by|regeorg|neo-?regeorg|behinder|godzilla|antsword|chopper|caidao|hacked by|owned by|dark ?blade|spyshell|reverse shell|red ?hat ?hacker|webadmin2y|icesword|13sec|kj021320|lake2|marcos|hididi|aspmuma|mumaasp)\b/gi
const TRADE =
  /(?:\bcmd\.exe|\/bin\/(?:ba)?sh\b|\bwhoami\b|\bnet user\b|\bxp_cmdshell\b|\bsp_oacreate\b|\bserv-?u\b|\bpcanywhere\b|\bport ?scan|\bback ?connect\b|\bbypass\b|\bexploit\b|\bhacker?\b|\bsam\b.{0,20}\bsystem\b|\bregread\b|\bHKEY_LOCAL_MACHINE\b|\bnetstat\b|\bipconfig\b|\bsystem32\b|\bmimikatz\b|\bprivilege\b|\bExecute ?Command\b|\bRun ?Cmd\b|\bCloneTime\b|\bDBManager\b|\bup ?file\b|\bsqlrootkit\b|\u63d0\u6743|\u514d\u6740|\u540e\u95e8|\u6728\u9a6c|\u6302\u9a6c|\u5927\u9a6c|\u5c0f\u9a6c|\u9a6c\u513f|\u9ed1\u5ba2|\u5165\u4fb5|\u65c1\u6ce8|\u8131\u88e4|\u6e17\u900f|\u4e00\u53e5\u8bdd|\u514b\u9686|\bIISSpy\b|\/etc\/passwd)/gi

/** A page that does nothing but name a class of such a family. */
const TINY = 400

/** A title or heading that says what the page is, and a field for what it is told. */
const TITLED =
  /<title>[^<\n]{0,80}\b(?:\w{0,12}shell|cmd|command|hack\w{0,3}|backdoor|trojan|exploit)\b[^<\n]{0,80}|<(?:\+\+|--)?[^>\n]{0,20}\bcmd(?:asp|jsp|aspx)\b/i
const ORDER_FIELD =
  /\bname\s*=\s*["']?\.?(?:cmd|command|exec\w{0,6}|shell|code)\b|\bgetParameter\s*\(\s*"(?:c|cmd|command|exec|code)"|\brequest\b(?:\s*\.\s*\w{1,15})?\s*[([]\s*"\.?(?:c|cmd|command|exec|code)"/i

/** A page that calls itself a shell and asks for an order: whatever became of the rest of it. */
function selfNamed(text: string): Weighed | undefined {
  const title = TITLED.exec(text)
  return title && ORDER_FIELD.test(text) && SERVER_TAG.test(text)
    ? {
        ...sign(
          `calls itself "${title[0]
            .replace(/<\/?title>/gi, '')
            .trim()
            .slice(0, 60)}" and asks for an order`,
          lineAt(text, title.index),
          50,
          'self-named',
        ),
        speaks: 'web-shell',
        does: 'calls itself a shell',
      }
    : undefined
}

const SERVER_TAG = /<%|scriptlet>|runat\s*=\s*["']?server/i

/** So many different terms of the trade beside the name of such a family stand in no other page. */
const WELL_KNOWN = 5

/** How hidden the text of a page is: what, how often it must be seen, what it counts. */
const HIDDEN: readonly (readonly [what: string, pattern: RegExp, times: number, weight: number])[] = [
  ['long packed text', /(?<![A-Za-z0-9+/=])[A-Za-z0-9+/=]{600}/g, 1, 20],
  ['letters written as numbers', /\\u00[2-7][0-9a-f]|\\x[2-7][0-9a-f]/gi, 20, 25],
  ['letters written as chr()', /\bchrw?\s*\(\s*(?:&h)?[\da-f]{2,3}\s*\)/gi, 15, 25],
  [
    'a long text nobody can read',
    /"(?=[^"\n]{0,400}[^\w\s"]{2}[^\s"]{0,40}[^\w\s"]{2}[^\s"]{0,40}[^\w\s"]{2})(?![^"\n]{0,300}(?:<\/?\w|https?:|\bselect\b))(?:[^"\n]|""){2000}/gi,
    1,
    25,
  ],
  ['text in a list of bytes', /(?:(?:\(byte\)\s*)?-?(?:0x[\da-f]{1,2}|\d{1,3})\s*,\s*){40}/gi, 1, 15],
  ['encoded script', /#@~\^[\w+/]{6}==/g, 1, 15],
  ['broken words', /"[^"\n]{1,8}"\s*[&+]\s*"[^"\n]{1,8}"\s*[&+]\s*"/g, 8, 15],
  ['characters nobody writes', /[\u00a0-\u00ff\u4e00-\u9fff]{3}[^\n]{0,20}execute/gi, 1, 10],
]
/** `Execute Decode("…")`: the text is unpacked by a function of the page. */
const OWN_DECODER = /\b(?:execute(?:global)?|eval)[\s(]+(\w{1,60})\s*\(/gi

/** Signs that stand in the text itself. They never decide alone: what they mean depends on what the page does. */
export function pageSigns(text: string): { readonly signs: readonly Weighed[]; readonly hidden: number } {
  const signs: Weighed[] = []
  const families = distinct(text, FAMILIES)
  if (families.length > 0)
    signs.push(
      sign(
        `words of such pages: ${families.slice(0, 4).join(', ')}`,
        lineOf(text, FAMILIES),
        Math.min(40, 20 * families.length),
        'families',
      ),
    )
  if (families.length > 0 && text.length < TINY && /\bnew\s+\w+/.test(text))
    signs.push({ ...sign(`makes an object of ${families[0]}`, lineOf(text, FAMILIES), 55, 'code'), speaks: 'web-shell' })
  for (const { what, needs, without } of TOOLS)
    if (needs.every(need => need.test(text)) && without?.test(text) !== true)
      signs.push({ ...sign(`a page that ${what}`, 1, 62, 'tool'), speaks: 'web-shell' })
  const named = selfNamed(text)
  if (named) signs.push(named)
  const carried = CARRIED.exec(text)
  if (carried)
    signs.push({
      ...sign(
        `carries the text of a page that takes orders: ${carried[0].slice(0, 60)}`,
        lineAt(text, carried.index),
        62,
        'carried',
      ),
      speaks: 'dropper',
      does: 'carries another page that takes orders',
      techniques: ['T1105'],
    })
  const packed = packedOrders(text)
  if (packed) signs.push(packed)
  const trade = distinct(text, TRADE)
  if (trade.length >= 3)
    signs.push(
      sign(`terms of the trade: ${trade.slice(0, 5).join(', ')}`, lineOf(text, TRADE), Math.min(40, 7 * trade.length), 'trade'),
    )
  if (families.length > 0 && trade.length >= WELL_KNOWN)
    signs.push({
      ...sign(
        `a page of a well-known kind: ${families[0]}, ${trade.slice(0, 4).join(', ')}`,
        lineOf(text, FAMILIES),
        50,
        'well-known',
      ),
      speaks: 'web-shell',
    })
  const dense = mostlyPacked(text)
  if (dense) signs.push(dense)
  let hidden = 0
  const how: string[] = []
  for (const [what, pattern, times, weight] of HIDDEN) {
    pattern.lastIndex = 0
    let count = 0
    while (count < times && pattern.exec(text)) count++
    if (count < times) continue
    hidden += weight
    how.push(what)
  }
  if (hidden > 0) signs.push(sign(`hidden text: ${how.join(', ')}`, 1, Math.min(40, hidden), 'hidden'))
  for (const [, name = ''] of text.matchAll(OWN_DECODER)) {
    const body = new RegExp(`\\bfunction\\s+${name}\\b([\\s\\S]{0,4000}?)(?:\\bend\\s+function\\b|$)`, 'i').exec(text)?.[1]
    // A function that gives a truth or a name to eval unpacks nothing.
    if (body === undefined || !UNPACKS.test(body)) continue
    hidden += 25
    signs.push({
      ...sign(`text is unpacked by ${name}() of the page itself, and run`, lineOf(text, OWN_DECODER), 62, 'code'),
      speaks: 'web-shell',
    })
    break
  }
  return { signs, hidden }
}

const UNPACKS = /\b(?:chrw?b?|ascw?b?|midb?|strreverse|replace|xor|fromcharcode|charcodeat|charat|substr|nodetypedvalue)\b/i

/** Server code between quotes that asks for a parameter and runs or writes it. */
const CARRIED =
  /"(?:[^"\\\n]|\\.|""){0,200}<%(?:[^"\\\n]|\\.|""){0,400}\brequest\b(?:[^"\\\n]|\\.|""){0,200}\b(?:write|exec\w*|eval\w*|run)\s*\(|"(?:[^"\\\n]|\\.|""){0,200}<%(?:[^"\\\n]|\\.|""){0,200}\b(?:exec\w*|eval\w*)[\s(]{1,3}request\b/i

/** Text in base64 long enough for a statement; more of them are data. */
const PACKED = /(?<![\w+/])[A-Za-z0-9+/]{16,4000}={0,2}(?![\w+/])/g
const MAX_PACKED = 200
const ORDERS =
  /\brequest\s*(?:[[(]\s*["']|\.\s*(?:item|form|querystring|getparameter)\b)|\$_(?:POST|GET|REQUEST|COOKIE)\b|\beval\s*\(|\bgetRuntime\s*\(|\bcmd(?:\.exe)?\s+\/c\b/i

/** Packed text that asks what the visitor sent, or runs something: no page has a reason to hide that. */
export function packedOrders(text: string): Weighed | undefined {
  let looked = 0
  for (const { 0: packed, index } of text.matchAll(PACKED)) {
    if (++looked > MAX_PACKED) return undefined
    const plain = fromBase64(packed)
    if (plain === undefined || !/^[\t\r\n -~]+$/.test(plain) || !ORDERS.test(plain)) continue
    return {
      ...sign(`packed text says "${plain.trim().slice(0, 60)}"`, lineAt(text, index), 62, 'packed-orders'),
      speaks: 'web-shell',
      does: 'hides what it does with a request',
      techniques: ['T1027'],
    }
  }
  return undefined
}

/** Of a page that is there to be seen most is markup and code; from these shares on it is a wrapper of something. */
const PACKED_SHARE = 0.6
const PACKED_LETTERS = 8_000

/** Nearly all of a page is text in quotes that nobody can read, handed to something that makes code of it. */
function mostlyPacked(text: string): Weighed | undefined {
  if (text.length < PACKED_LETTERS || !SERVER_TAG.test(text)) return undefined
  let letters = 0
  let first = -1
  for (const found of text.matchAll(/["'][A-Za-z0-9+/=]{200,}["']/g)) {
    letters += found[0].length
    if (first < 0) first = found.index
  }
  return letters >= PACKED_LETTERS && letters > text.length * PACKED_SHARE
    ? {
        ...sign(`nearly all of the page is packed text (${letters} characters)`, lineAt(text, first), 52, 'packed-page'),
        speaks: 'web-shell',
        does: 'hides what it does',
        techniques: ['T1027'],
      }
    : undefined
}

function sign(what: string, line: number, weight: number, group: string): Weighed {
  return { what, line, weight, speaks: 'context', group }
}

/** More different words than this make no difference. */
const MAX_WORDS = 40

function distinct(text: string, pattern: RegExp): string[] {
  const found = new Set<string>()
  for (const [word] of text.matchAll(pattern)) {
    found.add(word.toLowerCase().slice(0, 30))
    if (found.size >= MAX_WORDS) break
  }
  return [...found]
}

function lineOf(text: string, pattern: RegExp): number {
  pattern.lastIndex = 0
  const at = pattern.exec(text)?.index ?? 0
  pattern.lastIndex = 0
  return lineAt(text, at)
}

function lineAt(text: string, at: number): number {
  let line = 1
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line++
  return line
}
