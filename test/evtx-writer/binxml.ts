// Bytes of binary XML, the inside of EVTX records: github.com/libyal/libevtx/blob/main/documentation (section "binary XML").

/** A growing little-endian byte buffer that begins at `base` of its chunk, because offsets inside binary XML count from the chunk's start. */
export class ByteWriter {
  private bytes = new Uint8Array(1024)
  private view = new DataView(this.bytes.buffer)
  length = 0
  readonly base: number

  constructor(base: number) {
    this.base = base
  }

  /** Offset in the chunk of the next byte. */
  get position(): number {
    return this.base + this.length
  }

  private room(count: number): number {
    const at = this.length
    this.length += count
    if (this.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length))
      grown.set(this.bytes)
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    return at
  }

  u8(...values: readonly number[]): this {
    for (const value of values) {
      const at = this.room(1)
      this.bytes[at] = value
    }
    return this
  }

  u16(value: number): this {
    const at = this.room(2)
    this.view.setUint16(at, value & 0xffff, true)
    return this
  }

  u32(value: number): this {
    const at = this.room(4)
    this.view.setUint32(at, value >>> 0, true)
    return this
  }

  u64(value: bigint): this {
    const at = this.room(8)
    this.view.setBigUint64(at, BigInt.asUintN(64, value), true)
    return this
  }

  utf16(text: string): this {
    for (let i = 0; i < text.length; i++) this.u16(text.charCodeAt(i))
    return this
  }

  append(more: Uint8Array): this {
    const at = this.room(more.length)
    this.bytes.set(more, at)
    return this
  }

  /** Overwrites the four bytes at chunk offset `at`, for sizes known only later. */
  patch32(at: number, value: number): void {
    this.view.setUint32(at - this.base, value >>> 0, true)
  }

  patch16(at: number, value: number): void {
    this.view.setUint16(at - this.base, value & 0xffff, true)
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** Names already written in a chunk, by text; and the 64 chains of the chunk's string table. */
export interface NameTable {
  readonly offsets: Map<string, number>
  readonly chains: Uint32Array
}

/** The hash of a name in the string table: 65599 times the former hash plus the character, low 16 bits. */
function nameHash(name: string): number {
  let hash = 0
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 65599) + name.charCodeAt(i)) >>> 0
  return hash & 0xffff
}

/** Writes the offset of a name, and the name itself behind it where the chunk does not hold it yet. */
function writeName(out: ByteWriter, names: NameTable, name: string): void {
  const known = names.offsets.get(name)
  if (known !== undefined) {
    out.u32(known)
    return
  }
  const at = out.position + 4
  const hash = nameHash(name)
  out.u32(at)
  out
    .u32(names.chains[hash % 64] ?? 0)
    .u16(hash)
    .u16(name.length)
    .utf16(name)
    .u16(0)
  names.offsets.set(name, at)
  names.chains[hash % 64] = at
}

/** What stands between tags or behind "=": literal text in its several spellings, or the value with that number. */
export type Content =
  | { readonly text: string }
  | { readonly cdata: string }
  | { readonly char: number }
  | { readonly entity: string }
  | { readonly instruction: string; readonly data: string }
  | { readonly value: number; readonly type: number; readonly optional?: boolean }

/** An element as a template holds it. */
export interface ElementShape {
  readonly name: string
  readonly attributes?: readonly (readonly [string, Content | readonly Content[]])[]
  readonly content: readonly (ElementShape | Content)[]
}

const isElement = (item: ElementShape | Content): item is ElementShape => 'name' in item

/** How elements are written; some producers leave out the dependency number behind an element's token. */
export interface ElementStyle {
  readonly dependency: boolean
}

const AS_WINDOWS: ElementStyle = { dependency: true }

function writeContent(out: ByteWriter, names: NameTable, content: Content): void {
  if ('text' in content) out.u8(0x05, 0x01).u16(content.text.length).utf16(content.text)
  else if ('cdata' in content) out.u8(0x07).u16(content.cdata.length).utf16(content.cdata)
  else if ('char' in content) out.u8(0x08).u16(content.char)
  else if ('entity' in content) {
    out.u8(0x09)
    writeName(out, names, content.entity)
  } else if ('instruction' in content) writeInstruction(out, names, content.instruction, content.data)
  else
    out
      .u8(content.optional ? 0x0e : 0x0d)
      .u16(content.value)
      .u8(content.type)
}

/** `<?target data?>` */
export function writeInstruction(out: ByteWriter, names: NameTable, target: string, data: string): void {
  out.u8(0x0a)
  writeName(out, names, target)
  out.u8(0x0b).u16(data.length).utf16(data)
}

/** Writes one element with everything inside it. */
export function writeElement(out: ByteWriter, names: NameTable, element: ElementShape, style = AS_WINDOWS): void {
  const attributes = element.attributes ?? []
  out.u8(attributes.length ? 0x41 : 0x01)
  if (style.dependency) out.u16(0xffff)
  const sizeAt = out.position
  out.u32(0)
  writeName(out, names, element.name)
  if (attributes.length) {
    const listAt = out.position
    out.u32(0)
    attributes.forEach(([name, content], index) => {
      out.u8(index < attributes.length - 1 ? 0x46 : 0x06)
      writeName(out, names, name)
      for (const part of Array.isArray(content) ? content : [content]) writeContent(out, names, part)
    })
    out.patch32(listAt, out.position - listAt - 4)
  }
  if (element.content.length === 0) out.u8(0x03)
  else {
    out.u8(0x02)
    for (const item of element.content) {
      if (isElement(item)) writeElement(out, names, item, style)
      else writeContent(out, names, item)
    }
    out.u8(0x04)
  }
  out.patch32(sizeAt, out.position - sizeAt - 4)
}
