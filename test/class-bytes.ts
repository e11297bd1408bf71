/** A class with these methods called and texts held: enough of JVM specification chapter 4 to be read, nothing that could run. */
export function classBytes(made: {
  methods?: readonly string[]
  strings?: readonly string[]
  words?: readonly string[]
  classes?: readonly string[]
  parent?: string
}): Buffer {
  const pool: Buffer[] = []
  const entry = (...bytes: number[]) => pool.push(Buffer.from(bytes))
  const pair = (value: number) => [value >> 8, value & 255]
  const utf8 = (text: string) => {
    const bytes = Buffer.from(text)
    return pool.push(Buffer.concat([Buffer.from([1, ...pair(bytes.length)]), bytes]))
  }
  const named = (name: string) => entry(7, ...pair(utf8(name)))
  const own = named('org/apache/jsp/a_jsp')
  const parent = named(made.parent ?? 'java/lang/Object')
  for (const method of made.methods ?? []) {
    const dot = method.lastIndexOf('.')
    const owner = named(method.slice(0, dot))
    const nameAndType = entry(12, ...pair(utf8(method.slice(dot + 1))), ...pair(utf8('()V')))
    entry(10, ...pair(owner), ...pair(nameAndType))
  }
  for (const text of made.strings ?? []) entry(8, ...pair(utf8(text)))
  for (const name of made.classes ?? []) named(name)
  for (const word of made.words ?? []) utf8(word)
  return Buffer.concat([
    Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, ...pair(pool.length + 1)]),
    ...pool,
    Buffer.from([0, 1, ...pair(own), ...pair(parent), 0, 0, 0, 0, 0, 0, 0, 0]),
  ])
}
