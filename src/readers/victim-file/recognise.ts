import { type EvidenceSample, scriptLanguageOf, scriptLanguageOfName, serverCodeOf } from '../../model/index.ts'

/** What a web root holds beside pages: fixed files and settings, which intruders change too. */
const WEB_FILE = /\.(?:html?|xhtml|shtml|js|mjs|css|svg)$|(?:^|[/!])(?:web\.config|\.htaccess|\.user\.ini|global\.asa)$/i
const COMPILED_PAGE = /_jspx?(?:\$\w{0,60})?\.class$/i
const NOTES = /\.(?:md|markdown|rst|adoc)$/i

/** How records begin: a date, an address, a priority, a JSON object, a comment line of W3C and Zeek logs. */
const RECORD_START =
  /^(?:<\d{1,3}>|\d{4}[-/]\d\d|\[?\d{1,2}[/ ][A-Z][a-z]{2}|[A-Z][a-z]{2} [ \d]\d \d\d:|(?:\d{1,3}\.){3}\d{1,3}\b|[\da-f]{0,4}:[\da-f:]+ |\d{9,13}[.\s]|\{"|\[\{|#(?:Fields|Software|separator|fields)|date=|\[[A-Z][a-z]{2} [A-Z][a-z]{2} )/
/** Pages hold data now and then; a log holds hardly anything else. */
const RECORD_SHARE = 0.5

/** A picture or document by its first bytes; code behind them is meant to be run. */
const DISGUISE = /^(?:GIF8|.PNG|\xff\xd8\xff|BM|%PDF|RIFF|II\*|MM\0)/

function looksLikeLog(sample: EvidenceSample): boolean {
  const records = sample.lines.filter(line => RECORD_START.test(line)).length
  return sample.lines.length > 0 && records >= sample.lines.length * RECORD_SHARE
}

/**
 * How surely an item is a page, script or fixed file of a web application. What is written in it decides, whatever its name; a log that
 * quotes code in its records (which is how scanners and log poisoning look) is none.
 */
export function recognise(sample: EvidenceSample): number {
  if (sample.size === 0 || looksLikeLog(sample)) return 0
  const head = headText(sample)
  const language = scriptLanguageOf(sample.path, head)
  const named = scriptLanguageOfName(sample.path) !== undefined
  if (language !== undefined) {
    if (named) return 85
    if (/^\s*(?:<|<!--)/.test(head) || DISGUISE.test(head)) return 75
    // Text that only mentions code: notes about a case do, and so does a shell with a line of text before it.
    return NOTES.test(sample.path) ? 0 : 30
  }
  if (named || isRazor(sample.path)) return 40
  // Sources that ASP.NET compiles, pages of ColdFusion, programs the server starts.
  if (sample.encoding !== undefined && serverCodeOf(sample.path) !== undefined) return 40
  if (sample.encoding !== undefined && serverCodeOf(sample.path, head) !== undefined) return NOTES.test(sample.path) ? 0 : 20
  // What a servlet container compiled outlives the page it was made of.
  if (COMPILED_PAGE.test(sample.path) && head.startsWith('\xca\xfe\xba\xbe')) return 40
  return sample.encoding !== undefined && WEB_FILE.test(sample.path) ? 25 : 0
}

const isRazor = (path: string) => /\.razor$/i.test(path)

/** The head one character a byte; zero bytes left out, so that UTF-16 reads like ASCII. */
function headText({ head, encoding }: EvidenceSample): string {
  const text = new TextDecoder('latin1').decode(head)
  return encoding === 'utf-16le' || encoding === 'utf-16be' ? text.replaceAll('\0', '').replace(/^(?:ÿþ|þÿ)/, '') : text
}
