import { visible } from '../text/visible.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Markup that was built by `html` and may be put into other markup as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** For text and for quoted attributes alike (HTML and XML): hidden characters are written out, the five special ones escaped. */
export function escapeText(text: string): string {
  return visible(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? character)
}

export type Value = string | number | Markup | undefined | false | readonly Value[]

function fill(value: Value): string {
  if (value instanceof Markup) return value.text
  if (value === undefined || value === false) return ''
  if (typeof value === 'object') return value.map(fill).join('')
  return escapeText(String(value))
}

/** Markup with every inserted value escaped, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = strings[0] ?? ''
  for (const [index, value] of values.entries()) text += fill(value) + (strings[index + 1] ?? '')
  return new Markup(text)
}
