// Writes what every reader declares of its format into the head of its page in docs/formats, and the list of all into the README there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readers } from '../src/readers/registry.ts'
import { declaredFormats, formatHead, formatTable, pageOf, withDeclaration } from '../src/report/text/format-pages.ts'

const folder = join(import.meta.dirname, '..', 'docs', 'formats')
const formats = declaredFormats(readers)

function update(name, declaration, title) {
  const file = join(folder, `${name}.md`)
  const before = existsSync(file) ? readFileSync(file, 'utf8') : `# ${title}\n`
  const after = withDeclaration(before, declaration)
  if (after !== before || !existsSync(file)) writeFileSync(file, after)
}

for (const [page, sharing] of Map.groupBy(formats, pageOf)) update(page, formatHead(sharing), sharing[0].title)
update('README', formatTable(formats), 'Which evidence is read')
