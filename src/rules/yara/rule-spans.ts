/** A rule in a text, from its first modifier to its closing brace. */
export interface RuleSpan {
  readonly name: string
  readonly start: number
  readonly end: number
  /** 1-based lines, both included. */
  readonly firstLine: number
  readonly lastLine: number
}

/** Whether a slash begins a regular expression is told by what stands before it: after a value it would divide. */
const BEFORE_EXPRESSION = /(?:[=({,]|\bmatches|\bor|\band|\bnot)\s*$/

/** Where each rule of a YARA file begins and ends: yara.readthedocs.io/en/stable/writingrules.html. Never throws; what is no rule is passed over. */
export function ruleSpans(text: string): readonly RuleSpan[] {
  const spans: RuleSpan[] = []
  const begin = /(?:\b(?:private|global)\s+)*\brule\s+([A-Za-z_]\w{0,127})/y
  let line = 1
  let at = 0
  const forward = (to: number) => {
    for (; at < to; at++) if (text.charCodeAt(at) === 10) line++
  }
  while (at < text.length) {
    const comment = commentEnd(text, at)
    if (comment > at) {
      forward(comment)
      continue
    }
    if (text[at] === '"') {
      forward(stringEnd(text, at))
      continue
    }
    begin.lastIndex = at
    const found = /[pgr]/.test(text[at] ?? '') && !/\w/.test(text[at - 1] ?? '') ? begin.exec(text) : null
    if (found === null) {
      forward(at + 1)
      continue
    }
    const start = at
    const firstLine = line
    forward(bodyEnd(text, begin.lastIndex))
    spans.push({ name: found[1] ?? '', start, end: at, firstLine, lastLine: line })
  }
  return spans
}

/** Behind the brace that closes the rule; the end of the text when none does. */
function bodyEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; ) {
    const character = text[at]
    const comment = commentEnd(text, at)
    if (comment > at) at = comment
    else if (character === '"') at = stringEnd(text, at)
    else if (character === '/' && BEFORE_EXPRESSION.test(text.slice(Math.max(from, at - 40), at))) at = expressionEnd(text, at)
    else {
      if (character === '{') depth++
      if (character === '}' && --depth <= 0) return at + 1
      at++
    }
  }
  return text.length
}

function commentEnd(text: string, at: number): number {
  if (text.startsWith('//', at)) {
    const end = text.indexOf('\n', at)
    return end < 0 ? text.length : end
  }
  if (!text.startsWith('/*', at)) return at
  const end = text.indexOf('*/', at + 2)
  return end < 0 ? text.length : end + 2
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"' || text[at] === '\n') return at + 1
  }
  return text.length
}

function expressionEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '/' || text[at] === '\n') return at + 1
  }
  return text.length
}
