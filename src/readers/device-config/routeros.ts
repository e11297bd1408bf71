import { addSetting, type ConfigSection, type ConfigTree, type PlacedLine, unquoted } from './tree.ts'

/** Lines ended by a backslash go on in the next one; more of them are no export. */
const MAX_JOINED = 400

/** Sections of a RouterOS export: "/ip firewall nat", then "add action=dst-nat …" or "set …" (help.mikrotik.com, "Configuration Management"). */
export function routerSections(lines: readonly PlacedLine[]): readonly ConfigSection[] {
  const sections: ConfigSection[] = []
  let path: readonly string[] = []
  for (const { text, line } of joined(lines)) {
    if (text === '' || text.startsWith('#')) continue
    let command = text
    if (text.startsWith('/')) {
      const match = /^\/([a-z0-9 /-]+?)(?: (add|set|remove|print|export)\b(.*))?$/s.exec(text)
      path = (match?.[1] ?? text.slice(1)).trim().split(/[ /]+/)
      if (match?.[2] === undefined) continue
      command = `${match[2]}${match[3] ?? ''}`
    }
    const settings = new Map<string, string>()
    for (const [key, value] of pairsOf(command)) addSetting(settings, key, value)
    const [verb = '', target = ''] = command.split(/\s+/, 2)
    settings.set('(command)', verb)
    const isNamed = target !== '' && !target.includes('=') && !target.startsWith('[')
    sections.push({
      path,
      name: isNamed ? target : (settings.get('name') ?? nameOf(path, settings)),
      settings,
      text: `/${path.join(' ')} ${command}`,
      line: line.number,
      offset: line.offset,
    })
  }
  return sections
}

/** Entries without a name are told apart by what they do, not by their place, so that a new rule in front is one change. */
function nameOf(path: readonly string[], settings: ReadonlyMap<string, string>): string {
  if (settings.get('(command)') === 'set') return ''
  return [...settings]
    .filter(([key]) => !['comment', 'disabled', '(command)'].includes(key))
    .map(([key, value]) => `${key}=${value}`)
    .join(' ')
    .slice(0, 200)
    .concat(path.length === 0 ? ' ' : '')
    .trim()
}

function* joined(lines: readonly PlacedLine[]): Generator<{ readonly text: string; readonly line: PlacedLine }> {
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]
    if (!line) return
    let text = line.text.trimEnd()
    for (let more = 0; text.endsWith('\\') && more < MAX_JOINED && at + 1 < lines.length; more++) {
      at++
      text = text.slice(0, -1) + (lines[at]?.text.trim() ?? '')
    }
    yield { text: text.trim(), line }
  }
}

/** key=value, key="value with blanks". */
function* pairsOf(text: string): Generator<readonly [string, string]> {
  for (const match of text.matchAll(/(?:^|\s)([A-Za-z][\w.-]{0,60})=("(?:[^"\\]|\\.)*"|\S*)/g))
    yield [match[1] ?? '', unquoted(match[2] ?? '')]
}

/** A RouterOS export; its first lines say time, version and model: "# aug/15/2023 05:34:25 by RouterOS 6.48.6", "# model = RB750Gr3". */
export function routerTree(lines: readonly PlacedLine[]): ConfigTree {
  const sections = routerSections(lines)
  const head = lines.slice(0, 20).map(line => line.text)
  const find = (pattern: RegExp) => head.map(line => pattern.exec(line)).find(match => match !== null)
  const old = find(/^# ([a-z]{3})\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d) by RouterOS (\S+)/i)
  const young = find(/^# (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) by RouterOS (\S+)/)
  return {
    device: {
      dialect: 'routeros',
      vendor: 'MikroTik',
      hostname: sections.find(({ path }) => path.join(' ') === 'system identity')?.settings.get('name') ?? '',
      model: find(/^# model = (\S.*)$/)?.[1]?.trim() ?? '',
      version: old?.[5] ?? young?.[3] ?? '',
      changed: old ? `${old[3]} ${old[1]} ${old[2]} ${old[4]}` : young ? `${young[1]} ${young[2]}` : '',
      changedBy: '',
    },
    sections,
  }
}
