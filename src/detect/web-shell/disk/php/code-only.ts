/** Texts up to this length keep their letters: names of functions and keys of requests. */
const KEPT_TEXT = 48

/**
 * The code of a page without comments, HTML and the content of longer texts, read in one pass. Not a parser: enough to tell a word of the
 * program from the same word in a manual page about it.
 */
export function codeOnly(page: string): string {
  const out: string[] = []
  let at = 0
  while (at < page.length) {
    const open = page.indexOf('<?', at)
    if (open < 0) break
    out.push('<?php ')
    at = region(page, open + 2, out)
  }
  return out.join('')
}

const STOP = /\/\*|\/\/|#|\?>|["'`]|<<<[ \t]*["']?(\w+)/g

/** Code from `start` to its closing tag; gives the place after it. */
function region(page: string, start: number, out: string[]): number {
  let from = start
  const unclosed = new Set<string>()
  STOP.lastIndex = start
  for (let found = STOP.exec(page); found; found = STOP.exec(page)) {
    const { 0: mark, index } = found
    if (mark === '?>') {
      out.push(page.slice(from, index), ';')
      return index + 2
    }
    out.push(page.slice(from, index))
    // What is opened and never closed is passed over alone: the code may stand behind it. Nothing of its kind is closed later, either.
    if (unclosed.has(mark)) from = index + mark.length
    else if (mark === '/*') from = closedAt(after(page, '*/', index + 2), mark, index, unclosed)
    else if (mark === '//' || mark === '#') {
      if (mark === '#' && page.charAt(index + 1) === '[') {
        // An attribute, not a comment.
        from = index + 1
        STOP.lastIndex = from
        continue
      }
      const line = page.indexOf('\n', index)
      const end = line < 0 ? page.length : line
      const close = page.slice(index, end).indexOf('?>')
      from = close < 0 ? end : index + close
    } else if (mark.startsWith('<<<')) {
      const close = new RegExp(`\\n[ \\t]*${found[1]}\\b`, 'g')
      close.lastIndex = index + mark.length
      from = close.test(page) ? close.lastIndex : page.length
      out.push('""')
    } else {
      from = closedAt(quoteEnd(page, index, mark), mark, index, unclosed)
      const length = from - index - 2
      out.push(mark === '`' || length <= KEPT_TEXT ? page.slice(index, from) : `${mark}${mark}`)
    }
    STOP.lastIndex = from
  }
  out.push(page.slice(from))
  return page.length
}

function closedAt(end: number, mark: string, index: number, unclosed: Set<string>): number {
  if (end >= 0) return end
  unclosed.add(mark)
  return index + mark.length
}

function after(page: string, mark: string, from: number): number {
  const at = page.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length
}

function quoteEnd(page: string, open: number, quote: string): number {
  for (let at = page.indexOf(quote, open + 1); at >= 0; at = page.indexOf(quote, at + 1)) {
    let slashes = 0
    while (page.charCodeAt(at - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return at + 1
  }
  return -1
}
