import type { FlowStep } from './verdict.ts'

/** Where a value comes from. */
export type OriginKind =
  /** What the visitor sends: parameters, cookies, headers, the body. */
  | 'request'
  /** Content or path of an uploaded file. */
  | 'upload'
  /** Fetched from another server. */
  | 'remote'
  /** Read from a file, a database, a session, the program's environment. */
  | 'stored'
  /** Unpacked from text the file carries, but not to the end. */
  | 'packed'

export interface Origin {
  readonly kind: OriginKind
  /** As the code writes it: "$_POST[x]", "request.getParameter(c)". */
  readonly label: string
  readonly line: number
  /** Assignments and calls passed since the source. */
  readonly steps: readonly FlowStep[]
  /** Decoders passed on the way: "base64_decode". */
  readonly decoders: readonly string[]
}

/** An abstract value: what is known of it for certain, and where it may come from. Values are never changed, except the entries of objects. */
export interface Value {
  /** The value itself, when it is certain. Text is kept as the language keeps it: PHP as bytes (one character a byte). */
  readonly constant?: string | number | boolean | null
  /** Elements of a list or members of an object, as far as they are known. */
  readonly entries?: Map<string, Value>
  /** Entries are shared by all who hold the object, instead of being copied. */
  readonly isObject?: boolean
  /** Class of the object, or the class itself when `isClass`; as the dialect writes it. */
  readonly type?: string
  readonly isClass?: boolean
  /** Numbers of functions of the program the value may call. */
  readonly callable?: number
  /** The object a method value belongs to. */
  readonly bound?: Value
  /** Strongest origin first, at most `MAX_ORIGINS`. */
  readonly origins: readonly Origin[]
  /** Known text before and after the part that comes from an origin. */
  readonly prefix?: string
  readonly suffix?: string
  /** The text was put together or decoded, not written as it is: a name hidden from a search. */
  readonly built?: boolean
  /** Decoders that made this constant: for decoded layers. */
  readonly layers?: readonly string[]
  /** A check or an escape stands between source and value: 'number', 'escaped', 'checked', 'file-name'. */
  readonly cleaned?: string
}
