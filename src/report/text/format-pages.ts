import type { FormatAbout, Reader } from '../../model/index.ts'

/** A format with its declaration, as pages and lists show it. */
export type DeclaredFormat = Pick<Reader, 'format' | 'title'> & { readonly about: FormatAbout }

const BEGIN = '<!-- What the reader declares; `node tools/format-pages.mjs` writes it. -->'
const END = '<!-- end of the declaration -->'

/** The formats that say what they are, by name. */
export function declaredFormats(readers: readonly Reader[]): readonly DeclaredFormat[] {
  return readers
    .flatMap(({ format, title, about }) => (about ? [{ format, title, about }] : []))
    .toSorted((a, b) => (a.format < b.format ? -1 : 1))
}

/** Name of a format's page in docs/formats, without ending. */
export const pageOf = ({ format, about }: DeclaredFormat) => about.page ?? format

/** What a declaration says, row by row, under the words of people. */
export function declarationRows({ about }: DeclaredFormat): readonly (readonly [what: string, text: string])[] {
  return [
    ['read', about.reads],
    ['export', about.exported],
    ['shows', about.shows],
    ['does not show', about.cannotShow],
    ['host, zone, year', about.clock],
    ['built from', `${BUILT_FROM[about.builtFrom]}: ${about.checkedOn}`],
  ]
}

const BUILT_FROM: Readonly<Record<FormatAbout['builtFrom'], string>> = {
  'real sample': 'real samples',
  recorded: 'records of software that was run for it',
  generated: 'files made by a program of ours',
  documentation: 'documentation, without a real sample',
}

const cell = (text: string) => text.replaceAll('|', '\\|')

/** The head of a page: one table a format that shares it. */
export function formatHead(formats: readonly DeclaredFormat[]): string {
  const tables = formats.map(format =>
    [
      `| \`${format.format}\` | ${cell(format.title)} |`,
      '|---|---|',
      ...declarationRows(format).map(([what, text]) => `| ${what} | ${cell(text)} |`),
    ].join('\n'),
  )
  return `${BEGIN}\n\n${tables.join('\n\n')}\n\n${END}`
}

/** The list of all formats for the first page. */
export function formatTable(formats: readonly DeclaredFormat[]): string {
  const rows = formats.map(
    one =>
      `| [${one.format}](${pageOf(one)}.md) | ${cell(one.title)} | ${cell(one.about.clock)} | ${BUILT_FROM[one.about.builtFrom]} |`,
  )
  return [BEGIN, '', '| format | what | host, zone, year | built from |', '|---|---|---|---|', ...rows, '', END].join('\n')
}

/** A page with its declaration in place: the old one is replaced, a first one goes below the title. */
export function withDeclaration(page: string, declaration: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin >= 0 && end > begin) return page.slice(0, begin) + declaration + page.slice(end + END.length)
  const title = /^# .*\n/.exec(page)?.[0] ?? ''
  const rest = page.slice(title.length).replace(/^\n+/, '')
  return `${title}\n${declaration}\n${rest === '' ? '' : `\n${rest}`}`
}
