/** Longer lines are folded; so many attributes nobody writes by hand. */
const MAX_LINES = 2_000

/** The main section of a manifest (docs.oracle.com: JAR File Specification): names as written, the first of several. Any text is read. */
export function mainAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  let name = ''
  for (const line of text.split(/\r\n|\n|\r/, MAX_LINES)) {
    if (line === '') break
    if (line.startsWith(' ')) {
      if (name !== '') attributes.set(name, `${attributes.get(name) ?? ''}${line.slice(1)}`)
      continue
    }
    const colon = line.indexOf(':')
    name = colon > 0 ? line.slice(0, colon) : ''
    if (name !== '' && !attributes.has(name)) attributes.set(name, line.slice(colon + 1).trim())
  }
  return attributes
}

/** docs.oracle.com, package java.lang.instrument: what makes an archive an agent. */
const AGENT_NAMES = ['premain-class', 'agent-class', 'launcher-agent-class']

/** The class a virtual machine starts when it is given the archive as an agent. */
export function agentClass(attributes: ReadonlyMap<string, string>): string | undefined {
  for (const [name, value] of attributes) if (value !== '' && AGENT_NAMES.includes(name.toLowerCase())) return value
  return undefined
}
