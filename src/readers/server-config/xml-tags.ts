/** Tags of an XML configuration with their line; comments are left out. */
export function* tagsOf(text: string): Generator<{ readonly name: string; readonly attributes: string; readonly line: number }> {
  const plain = text.replaceAll(/<!--[\s\S]*?-->/g, comment => comment.replaceAll(/[^\n]/g, ' '))
  let line = 1
  let at = 0
  for (const tag of plain.matchAll(/<(\/?\w[\w.]{0,60})([^<>]{0,2000})>/g)) {
    for (; at < tag.index; at++) if (plain.charCodeAt(at) === 10) line++
    yield { name: (tag[1] ?? '').toLowerCase(), attributes: tag[2] ?? '', line }
  }
}

/** Value of an attribute; '' when the tag has none of the name. */
export function attribute(attributes: string, name: string): string {
  const value = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes)
  return (value?.[1] ?? value?.[2] ?? '').replaceAll('&amp;', '&')
}
