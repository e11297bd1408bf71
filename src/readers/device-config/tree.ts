/** Ways of writing a configuration. */
export type Dialect = 'ios' | 'asa' | 'fortios' | 'routeros' | 'nvram'

/** One place of a configuration: where it stands in the tree, its settings, its lines. The same for all dialects. */
export interface ConfigSection {
  /** Folder words: ["interface"], ["firewall", "policy"], ["ip", "firewall", "nat"], ["nvram"]. */
  readonly path: readonly string[]
  /** What it is called there: "Tunnel0", "7", a key; '' where the path says all. */
  readonly name: string
  /** Settings by name as written, quotes taken off; words that repeat are joined by a line feed. */
  readonly settings: ReadonlyMap<string, string>
  /** Lines as written, without indentation of the section itself. */
  readonly text: string
  /** 1-based line it begins on, and its byte offset. */
  readonly line: number
  readonly offset: number
}

/** What the configuration says of its device. */
export interface DeviceIdentity {
  readonly dialect: Dialect
  readonly vendor: string
  readonly hostname: string
  readonly model: string
  readonly version: string
  /** When it was written or last changed, as written ("2023-08-15 05:34:25"), with its zone word; '' when it does not say. */
  readonly changed: string
  readonly changedBy: string
}

/** A whole configuration. */
export interface ConfigTree {
  readonly device: DeviceIdentity
  readonly sections: readonly ConfigSection[]
}

/** A line with its place. */
export interface PlacedLine {
  readonly text: string
  readonly number: number
  readonly offset: number
}

/** Puts a setting into a map; the same word again is a further line of its value. */
export function addSetting(settings: Map<string, string>, name: string, value: string): void {
  const known = settings.get(name)
  settings.set(name, known === undefined ? value : `${known}\n${value}`)
}

/** "wan1" or 'wan1' without its quotes, escapes resolved. */
export function unquoted(text: string): string {
  const match = /^(["'])(.*)\1$/s.exec(text.trim())
  return match ? (match[2] ?? '').replace(/\\(["'\\])/g, '$1') : text.trim()
}
