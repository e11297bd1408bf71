import type { Complain, ListEntry } from './parse.ts'

/** A scan of 100,000 machines has fewer tags. */
const MAX_TAGS = 20_000_000
/** Ports a machine may have open before the list tells nothing more. */
const MAX_OPEN = 200
/** nmap guesses operating systems; below this share the guess names whatever is nearest. */
const SURE_PERCENT = 95

/** Is it the XML of a scan (`nmap -oX`, nmap.org/book/nmap-dtd.html)? */
export function isNmap(text: string): boolean {
  return /<nmaprun\b/.test(text.slice(0, 4096))
}

interface Machine {
  readonly line: number
  up: boolean
  readonly addresses: string[]
  readonly names: string[]
  readonly open: string[]
  vendor: string
  role: string
  model: string
}

interface OpenPort {
  readonly name: string
  state: string
  service: string
}

/**
 * Machines a scan found up, one asset each. Vendor, role and model are nmap's guess and taken only where it is sure; the firmware is
 * never known from a scan.
 */
export function nmapEntries(text: string, complain: Complain): readonly ListEntry[] {
  const machines: Machine[] = []
  let machine: Machine | undefined
  let port: OpenPort | undefined
  let isFinished = false
  for (const { name, isEnd, attributes, line } of tagsOf(text)) {
    if (name === 'finished' || name === 'runstats') isFinished = true
    if (name === 'host') {
      machine = isEnd ? undefined : { line, up: true, addresses: [], names: [], open: [], vendor: '', role: '', model: '' }
      if (machine) machines.push(machine)
      continue
    }
    if (!machine) continue
    if (name === 'port') {
      if (port?.state === 'open' && machine.open.length < MAX_OPEN) machine.open.push(`${port.name} ${port.service}`.trim())
      port = isEnd ? undefined : { name: `${attributes['protocol'] ?? ''}/${attributes['portid'] ?? ''}`, state: '', service: '' }
    } else if (!isEnd) take(machine, port, name, attributes)
  }
  if (!isFinished)
    complain(
      'assets/scan-cut',
      1,
      'the scan has no end: it was stopped, or the file is cut',
      'scan again, or take what is there as a part',
      'warning',
    )
  return machines.filter(({ up, addresses }) => up && addresses.length > 0).map(entryOf)
}

function take(machine: Machine, port: OpenPort | undefined, name: string, attributes: Readonly<Record<string, string>>): void {
  switch (name) {
    case 'status':
      machine.up = attributes['state'] === 'up'
      break
    case 'address':
      if (attributes['addrtype'] === 'mac') machine.vendor ||= attributes['vendor'] ?? ''
      else if (attributes['addr']) machine.addresses.push(attributes['addr'])
      break
    case 'hostname':
      if (attributes['name']) machine.names.push(attributes['name'].toLowerCase())
      break
    case 'state':
      if (port) port.state = attributes['state'] ?? ''
      break
    case 'service':
      if (port)
        port.service = [attributes['name'], attributes['product'], attributes['version']]
          .filter(word => word !== undefined && word !== '')
          .join(' ')
          .slice(0, 200)
      break
    case 'osclass':
      if (Number(attributes['accuracy'] ?? 0) >= SURE_PERCENT && machine.model === '') {
        machine.vendor = attributes['vendor'] ?? machine.vendor
        machine.role = attributes['type'] === 'general purpose' ? '' : (attributes['type'] ?? '')
        machine.model = [attributes['osfamily'], attributes['osgen']].filter(Boolean).join(' ')
      }
      break
  }
}

function entryOf({ line, addresses, names, open, vendor, role, model }: Machine): ListEntry {
  const id = names[0] ?? addresses[0] ?? ''
  return {
    section: 'assets',
    line,
    value: { id, names: names.length > 0 ? names : [id], addresses, vendor, role, model, open },
    lineOf: () => line,
  }
}

interface Tag {
  readonly name: string
  readonly isEnd: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly line: number
}

const TAG = /<(\/?)([a-z][\w-]{0,40})([^<>]{0,20000})>/gi
const ATTRIBUTE = /([\w:-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** Tags of XML a machine wrote: attributes have no angle brackets (nmap escapes them), and texts between tags are not needed. */
function* tagsOf(text: string): Generator<Tag> {
  let line = 1
  let next = text.indexOf('\n')
  let tags = 0
  for (const match of text.matchAll(TAG)) {
    if (++tags > MAX_TAGS) return
    for (; next >= 0 && next < match.index; next = text.indexOf('\n', next + 1)) line++
    const [, slash, name = '', inside = ''] = match
    const attributes: Record<string, string> = Object.create(null)
    for (const [, key = '', double, single] of inside.matchAll(ATTRIBUTE)) attributes[key] = unescaped(double ?? single ?? '')
    yield { name: name.toLowerCase(), isEnd: slash === '/', attributes, line }
    // An element that ends itself has nothing inside.
    if (slash !== '/' && inside.endsWith('/') && (name === 'host' || name === 'port'))
      yield { name, isEnd: true, attributes: {}, line }
  }
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

function unescaped(value: string): string {
  return value.includes('&') ? value.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '') : value
}
