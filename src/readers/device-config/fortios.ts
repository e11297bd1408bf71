import { addSetting, type ConfigSection, type ConfigTree, type PlacedLine, unquoted } from './tree.ts'

/** Deeper nesting is no configuration of a firewall. */
const MAX_DEPTH = 20

interface Open {
  readonly path: readonly string[]
  readonly name: string
  readonly settings: Map<string, string>
  readonly texts: string[]
  readonly head: PlacedLine
  readonly isEdit: boolean
}

/** Sections of a FortiOS configuration: "config system interface", "edit "wan1"", "set …", "next", "end" (docs.fortinet.com, "CLI Reference"). */
export function fortiSections(lines: readonly PlacedLine[]): readonly ConfigSection[] {
  const sections: ConfigSection[] = []
  const open: Open[] = []
  let pending: { name: string; value: string; line: PlacedLine } | undefined
  const keep = (section: Open | undefined) => {
    if (section && (section.settings.size > 0 || section.isEdit)) sections.push(sectionOf(section))
  }
  for (const line of lines) {
    const text = line.text.trim()
    if (pending) {
      // A key or certificate goes on over lines until its quote closes.
      if (pending.value.length < MAX_VALUE) pending.value += `\n${text}`
      if (closes(pending.value)) pending = finish(open, pending)
      continue
    }
    if (text === '' || text.startsWith('#')) continue
    const [word = ''] = text.split(/\s+/, 1)
    const rest = text.slice(word.length).trim()
    const top = open.at(-1)
    if (word === 'config' && open.length < MAX_DEPTH)
      open.push(
        opened([...(top ? [...top.path, ...(top.name === '' ? [] : [top.name])] : []), ...rest.split(/\s+/)], '', line, false),
      )
    else if (word === 'edit' && top) {
      if (top.isEdit) keep(open.pop())
      open.push(opened(open.at(-1)?.path ?? [], unquoted(rest), line, true))
    } else if (word === 'next') {
      if (top?.isEdit) keep(open.pop())
    } else if (word === 'end') {
      if (top?.isEdit) keep(open.pop())
      keep(open.pop())
    } else if ((word === 'set' || word === 'unset' || word === 'append') && top) {
      const [name = ''] = rest.split(/\s+/, 1)
      const value = word === 'unset' ? '(unset)' : rest.slice(name.length).trim()
      if (closes(value)) {
        addSetting(top.settings, name, values(value))
        top.texts.push(text)
      } else pending = { name, value, line }
    }
  }
  if (pending) finish(open, pending)
  for (const section of open.toReversed()) keep(section)
  return sections.toSorted((a, b) => a.line - b.line)
}

const MAX_VALUE = 65_536

function opened(path: readonly string[], name: string, head: PlacedLine, isEdit: boolean): Open {
  return { path, name, settings: new Map(), texts: [], head, isEdit }
}

function finish(open: readonly Open[], { name, value }: { readonly name: string; readonly value: string }): undefined {
  const top = open.at(-1)
  if (top) {
    addSetting(top.settings, name, unquoted(value))
    top.texts.push(`set ${name} ${value.split('\n', 1)[0] ?? ''} …`)
  }
  return undefined
}

/** Is every quote of the value closed? */
function closes(value: string): boolean {
  let quotes = 0
  for (let at = 0; at < value.length; at++) {
    if (value[at] === '\\') at++
    else if (value[at] === '"') quotes++
  }
  return quotes % 2 === 0
}

/** `"http" "https"` and `http https` are the same list. */
function values(text: string): string {
  return (text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map(unquoted).join(' ')
}

function sectionOf({ path, name, settings, texts, head, isEdit }: Open): ConfigSection {
  return {
    path,
    name,
    settings,
    text: [isEdit ? `config ${path.join(' ')} / edit ${name}` : `config ${path.join(' ')}`, ...texts].join('\n'),
    line: head.number,
    offset: head.offset,
  }
}

/** A FortiOS configuration; its first line says model and version: "#config-version=FGT60F-6.4.9-FW-build1966-220421:opmode=0:vdom=0:user=admin". */
export function fortiTree(lines: readonly PlacedLine[]): ConfigTree {
  const sections = fortiSections(lines)
  const head = lines.slice(0, 20).map(line => line.text)
  const [, code = '', version = ''] =
    head.map(line => /^#config-version=([A-Z0-9]+)-(\d+\.\d+\.\d+)-/.exec(line)).find(match => match) ?? []
  const global = sections.find(({ path }) => path.join(' ').endsWith('system global'))
  return {
    device: {
      dialect: 'fortios',
      vendor: 'Fortinet',
      hostname: global?.settings.get('hostname') ?? '',
      model: code === '' ? '' : `FortiGate ${code.replace(/^FGT?/, '').replace(/^GT/, '')}`,
      version,
      changed: '',
      changedBy: head.map(line => /^#config-version=.*:user=([^:\s]+)/.exec(line)?.[1] ?? '').find(user => user !== '') ?? '',
    },
    sections,
  }
}
