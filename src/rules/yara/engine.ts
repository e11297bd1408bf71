/** What we use of YARA-X: virustotal.github.io/yara-x, through the package @litko/yara-x. */
export interface YaraEngine {
  compile(source: string, options: Readonly<Record<string, unknown>>): YaraScanner
}

export interface YaraScanner {
  scan(data: Uint8Array, variables: Readonly<Record<string, string>>): readonly RawMatch[]
  setMaxMatchesPerPattern(count: number): void
}

export interface RawMatch {
  readonly ruleIdentifier: string
  readonly meta: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly matches: readonly { readonly identifier: string; readonly offset: number; readonly length: number }[]
}

/** Why there is no YARA on this machine, in words for the user. */
export interface NoYara {
  readonly missing: string
}

/** Loads the engine; it is an optional package with a binary for each system, so it may not be there. */
export async function yaraEngine(): Promise<YaraEngine | NoYara> {
  try {
    return (await import('@litko/yara-x')) as unknown as YaraEngine
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error)
    return {
      missing: `YARA rules cannot be used: the optional package @litko/yara-x has no program for this system or was left out (${why})`,
    }
  }
}
