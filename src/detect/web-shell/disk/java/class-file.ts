/** What the constant pool of a compiled class tells of it: JVM specification chapter 4.4. */
export interface ClassFile {
  readonly name: string
  readonly superName: string
  /** Names of the classes it mentions, with slashes. */
  readonly classes: ReadonlySet<string>
  /** Methods it calls or declares by reference, as "java/lang/Runtime.exec". */
  readonly methods: ReadonlySet<string>
  /** Text constants of its code. */
  readonly strings: readonly string[]
  /** Names and descriptors too: what it declares. */
  readonly words: ReadonlySet<string>
}

const MAGIC = 0xcafebabe
/** Bytes after the tag, for the tags whose content is of no interest here. */
const LENGTHS: Readonly<Record<number, number>> = { 3: 4, 4: 4, 5: 8, 6: 8, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2 }
const UTF8 = 1
const CLASS = 7
const STRING = 8
const FIELD = 9
const METHOD = 10
const INTERFACE_METHOD = 11
const NAME_AND_TYPE = 12

/** Reads a class as far as its constant pool; undefined when the bytes are no class, or broken before the end of the pool. */
export function readClassFile(bytes: Uint8Array): ClassFile | undefined {
  if (bytes.length < 16) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // A fat binary of macOS begins alike; its next number is small, that of a class is a version from 45 on.
  if (view.getUint32(0) !== MAGIC || view.getUint16(6) < 45 || view.getUint16(6) > 200) return undefined
  const count = view.getUint16(8)
  const texts = new Map<number, string>()
  const classes = new Map<number, number>()
  const strings: number[] = []
  const members: { readonly owner: number; readonly nameAndType: number }[] = []
  const namesAndTypes = new Map<number, number>()
  let at = 10
  for (let index = 1; index < count; index++) {
    if (at + 3 > bytes.length) return undefined
    const tag = view.getUint8(at++)
    if (tag === UTF8) {
      const length = view.getUint16(at)
      if (at + 2 + length > bytes.length) return undefined
      texts.set(index, modifiedUtf8(bytes.subarray(at + 2, at + 2 + length)))
      at += 2 + length
    } else if (tag === CLASS || tag === STRING) {
      if (tag === CLASS) classes.set(index, view.getUint16(at))
      else strings.push(view.getUint16(at))
      at += 2
    } else if (tag === FIELD || tag === METHOD || tag === INTERFACE_METHOD || tag === NAME_AND_TYPE) {
      if (at + 4 > bytes.length) return undefined
      if (tag === NAME_AND_TYPE) namesAndTypes.set(index, view.getUint16(at))
      else if (tag !== FIELD) members.push({ owner: view.getUint16(at), nameAndType: view.getUint16(at + 2) })
      at += 4
    } else {
      const length = LENGTHS[tag]
      if (length === undefined) return undefined
      at += length
      if (tag === 5 || tag === 6) index++ // long and double take two places
    }
  }
  const className = (index: number) => texts.get(classes.get(index) ?? 0) ?? ''
  const whole = at + 6 <= bytes.length
  return {
    name: whole ? className(view.getUint16(at + 2)) : '',
    superName: whole ? className(view.getUint16(at + 4)) : '',
    classes: new Set([...classes.keys()].map(className)),
    methods: new Set(
      members.map(({ owner, nameAndType }) => `${className(owner)}.${texts.get(namesAndTypes.get(nameAndType) ?? 0) ?? ''}`),
    ),
    strings: strings.map(index => texts.get(index) ?? ''),
    words: new Set(texts.values()),
  }
}

/** JVM specification 4.4.7; what is not well-formed becomes a replacement character. */
function modifiedUtf8(bytes: Uint8Array): string {
  return bytes.every(byte => byte < 0x80) ? String.fromCharCode(...bytes.subarray(0, MAX_TEXT)) : UTF8_DECODER.decode(bytes)
}

/** Spreading more arguments overflows the stack; a constant holds at most 65,535 bytes. */
const MAX_TEXT = 65_535
const UTF8_DECODER = new TextDecoder()
