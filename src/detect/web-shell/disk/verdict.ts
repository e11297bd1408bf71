/** What a file is judged to be. A hit is web-shell, uploader or dropper; suspicious asks for a look; clean says nothing was found. */
export type Verdict = 'web-shell' | 'uploader' | 'dropper' | 'suspicious' | 'clean'

/** The language of the code that was judged; configuration counts as one where it decides what runs as code. */
export type CodeLanguage =
  | 'php'
  | 'jsp'
  | 'java'
  | 'csharp'
  | 'vb'
  | 'vbscript'
  | 'jscript'
  | 'htaccess'
  | 'user-ini'
  | 'web-config'
  | 'cfml'
  | 'script'
  | 'none'

/** One part of the score: what was seen, where, and what it counts for (negative speaks for the file). */
export interface Reason {
  readonly what: string
  readonly line: number
  readonly weight: number
}

/** One step of a value on its way from the request to the place where it does something; the first is the source, the last the sink. */
export interface FlowStep {
  readonly line: number
  readonly what: string
}

/** Text that was packed in the file, unpacked as inert text; never more than `MAX_LAYER_TEXT` characters of it. */
export interface DecodedLayer {
  readonly line: number
  /** "base64_decode, gzinflate" */
  readonly how: string
  readonly text: string
  /** Characters before cutting. */
  readonly length: number
}

/** Characters of a decoded layer that are kept for the reader. */
export const MAX_LAYER_TEXT = 2_000

/** What the analysis says about one file, with everything needed to check it by hand. */
export interface Judgement {
  readonly verdict: Verdict
  readonly language: CodeLanguage
  /** Sum of the weights of the reasons, 0 to 100 after cutting. */
  readonly score: number
  /** What the page does, to follow "page that": "runs code of the request"; '' for a clean file. */
  readonly does: string
  readonly techniques: readonly string[]
  /** Strongest first. */
  readonly reasons: readonly Reason[]
  readonly flow: readonly FlowStep[]
  readonly decoded: readonly DecodedLayer[]
  /** The code was read by a parser; a file that needed none because nothing in it could run a visitor's words is `prefiltered`. */
  readonly parsed: boolean
  /** No script, or no word in it that could make it a shell: it was not parsed because there was no need to. */
  readonly prefiltered: boolean
  /** Why the code could not be parsed (then it was judged by its words); "not parsed" is never "clean" without a word. */
  readonly whyNotParsed?: string
}

/** A file without anything that could make it a shell. */
export function nothingToJudge(language: CodeLanguage): Judgement {
  return {
    verdict: 'clean',
    language,
    score: 0,
    does: '',
    techniques: [],
    reasons: [],
    flow: [],
    decoded: [],
    parsed: false,
    prefiltered: true,
  }
}
