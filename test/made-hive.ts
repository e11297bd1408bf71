// Registry hives (regf) of our own, small and whole: github.com/libyal/libregf, "Windows NT Registry File (REGF) format".

/** A value to write: text becomes REG_SZ, a number REG_DWORD, bytes REG_BINARY. */
export type MadeValue = string | number | Uint8Array

/** A key to write. */
export interface MadeKey {
  readonly name: string
  /** Microseconds since 1970. */
  readonly changed?: number
  readonly values?: Readonly<Record<string, MadeValue>>
  readonly keys?: readonly MadeKey[]
}

/** How lists of keys are written: Windows uses all of them, `ri` where there are many keys. */
export type ListKind = 'lf' | 'lh' | 'li' | 'ri'

const NONE = 0xffff_ffff
const BIG_DATA_BYTES = 16_344
const HIVE_HEADER = 4096
const BIN_HEADER = 32

/** The bytes of a hive with this root. */
export function madeHive(root: MadeKey, list: ListKind = 'lh'): Buffer {
  const cells: Buffer[] = []
  let next = BIN_HEADER
  const put = (content: Buffer): number => {
    const size = Math.ceil((content.length + 4) / 8) * 8
    const cell = Buffer.alloc(size)
    cell.writeInt32LE(-size, 0)
    content.copy(cell, 4)
    cells.push(cell)
    const at = next
    next += size
    return at
  }
  const security = put(securityCell())
  const rootAt = putKey(root, 0, true)
  const used = next
  const binBytes = Math.ceil(used / 4096) * 4096
  if (binBytes - used >= 8) {
    const free = Buffer.alloc(binBytes - used)
    free.writeInt32LE(free.length, 0)
    cells.push(free)
  }
  const bin = Buffer.alloc(BIN_HEADER)
  bin.write('hbin', 0, 'latin1')
  bin.writeUInt32LE(binBytes, 8)
  return Buffer.concat([baseBlock(rootAt, binBytes), bin, ...cells], HIVE_HEADER + binBytes)

  function putKey(key: MadeKey, parent: number, isRoot: boolean): number {
    const { bytes: name, isLatin1 } = nameOf(key.name)
    const cell = Buffer.alloc(76 + name.length)
    cell.write('nk', 0, 'latin1')
    cell.writeUInt16LE((isLatin1 ? 0x20 : 0) | (isRoot ? 0x0c : 0), 2)
    cell.writeBigUInt64LE(BigInt(Math.round((key.changed ?? 0) * 10)) + 116_444_736_000_000_000n, 4)
    cell.writeUInt32LE(parent, 16)
    for (const at of [28, 32, 40, 48]) cell.writeUInt32LE(NONE, at)
    cell.writeUInt32LE(security, 44)
    cell.writeUInt16LE(name.length, 72)
    name.copy(cell, 76)
    const at = put(cell)
    const written = cells.length - 1
    const values = Object.entries(key.values ?? {}).map(([valueName, value]) => putValue(valueName, value))
    // Windows finds a key by halving, so lists are in order of the names in upper case.
    const sorted = (key.keys ?? []).toSorted((a, b) => (a.name.toUpperCase() < b.name.toUpperCase() ? -1 : 1))
    const children = sorted.map(child => ({ at: putKey(child, at, false), name: child.name }))
    const own = cells[written]
    if (own && values.length > 0) {
      own.writeUInt32LE(values.length, 4 + 36)
      own.writeUInt32LE(put(offsets(values)), 4 + 40)
    }
    if (own && children.length > 0) {
      own.writeUInt32LE(children.length, 4 + 20)
      own.writeUInt32LE(putList(children), 4 + 28)
    }
    return at
  }

  function putList(children: readonly { readonly at: number; readonly name: string }[]): number {
    if (list === 'ri') {
      const halves = [children.slice(0, children.length >> 1), children.slice(children.length >> 1)].filter(
        half => half.length > 0,
      )
      return put(
        listCell(
          'ri',
          offsets(halves.map(half => put(listCell('li', offsets(half.map(child => child.at)), half.length)))),
          halves.length,
        ),
      )
    }
    if (list === 'li') return put(listCell('li', offsets(children.map(child => child.at)), children.length))
    const entries = Buffer.alloc(children.length * 8)
    for (const [index, child] of children.entries()) {
      entries.writeUInt32LE(child.at, index * 8)
      if (list === 'lh') entries.writeUInt32LE(hashOf(child.name), index * 8 + 4)
      else entries.write(child.name.slice(0, 4), index * 8 + 4, 4, 'latin1')
    }
    return put(listCell(list, entries, children.length))
  }

  function putValue(name: string, value: MadeValue): number {
    const { bytes, isLatin1 } = nameOf(name)
    const { type, data } = dataOf(value)
    const cell = Buffer.alloc(20 + bytes.length)
    cell.write('vk', 0, 'latin1')
    cell.writeUInt16LE(bytes.length, 2)
    cell.writeUInt32LE(type, 12)
    cell.writeUInt16LE(isLatin1 ? 1 : 0, 16)
    bytes.copy(cell, 20)
    if (data.length <= 4) {
      cell.writeUInt32LE(0x8000_0000 + data.length, 4)
      data.copy(cell, 8)
    } else {
      cell.writeUInt32LE(data.length, 4)
      cell.writeUInt32LE(putData(data), 8)
    }
    return put(cell)
  }

  function putData(data: Buffer): number {
    if (data.length <= BIG_DATA_BYTES) return put(data)
    const pieces: number[] = []
    for (let at = 0; at < data.length; at += BIG_DATA_BYTES) pieces.push(put(data.subarray(at, at + BIG_DATA_BYTES)))
    const head = Buffer.alloc(8)
    head.write('db', 0, 'latin1')
    head.writeUInt16LE(pieces.length, 2)
    head.writeUInt32LE(put(offsets(pieces)), 4)
    return put(head)
  }
}

function baseBlock(root: number, binBytes: number): Buffer {
  const base = Buffer.alloc(HIVE_HEADER)
  base.write('regf', 0, 'latin1')
  for (const [at, value] of [
    [4, 1],
    [8, 1],
    [20, 1],
    [24, 5],
    [32, 1],
    [36, root],
    [40, binBytes],
    [44, 1],
  ] as const)
    base.writeUInt32LE(value, at)
  base.writeBigUInt64LE(133_000_000_000_000_000n, 12)
  let sum = 0
  for (let at = 0; at < 508; at += 4) sum = (sum ^ base.readUInt32LE(at)) >>> 0
  base.writeUInt32LE(sum, 508)
  return base
}

/** An empty descriptor that leads to itself: readers of others want one. */
function securityCell(): Buffer {
  const cell = Buffer.alloc(40)
  cell.write('sk', 0, 'latin1')
  cell.writeUInt32LE(BIN_HEADER, 4)
  cell.writeUInt32LE(BIN_HEADER, 8)
  cell.writeUInt32LE(1, 12)
  cell.writeUInt32LE(20, 16)
  cell.writeUInt8(1, 20)
  cell.writeUInt16LE(0x8000, 22)
  return cell
}

function listCell(kind: string, entries: Buffer, count: number): Buffer {
  const head = Buffer.alloc(4)
  head.write(kind, 0, 'latin1')
  head.writeUInt16LE(count, 2)
  return Buffer.concat([head, entries])
}

function offsets(all: readonly number[]): Buffer {
  const list = Buffer.alloc(all.length * 4)
  for (const [index, at] of all.entries()) list.writeUInt32LE(at, index * 4)
  return list
}

function nameOf(name: string): { readonly bytes: Buffer; readonly isLatin1: boolean } {
  const isLatin1 = [...name].every(char => char.charCodeAt(0) < 256)
  return { bytes: Buffer.from(name, isLatin1 ? 'latin1' : 'utf16le'), isLatin1 }
}

function dataOf(value: MadeValue): { readonly type: number; readonly data: Buffer } {
  if (typeof value === 'string') return { type: 1, data: Buffer.from(`${value}\0`, 'utf16le') }
  if (typeof value !== 'number') return { type: 3, data: Buffer.from(value) }
  const data = Buffer.alloc(4)
  data.writeInt32LE(value)
  return { type: 4, data }
}

function hashOf(name: string): number {
  let hash = 0
  for (const char of name.toUpperCase()) hash = (Math.imul(hash, 37) + char.charCodeAt(0)) >>> 0
  return hash
}

/** A hive SYSTEM: a domain member in Guam, two services, a driver and, where asked for, a port proxy. */
export function madeSystem({ proxy = false, zone = 'West Pacific Standard Time' } = {}): Buffer {
  const service = (name: string, values: MadeKey['values']): MadeKey => ({
    name,
    changed: 1_676_000_000_000_000,
    ...(values ? { values } : {}),
  })
  const listening: MadeKey = {
    name: 'PortProxy',
    keys: [
      { name: 'v4tov4', keys: [{ name: 'tcp', changed: 1_676_355_200_000_000, values: { '0.0.0.0/9999': '10.20.0.5/3389' } }] },
    ],
  }
  return madeHive({
    name: 'ROOT',
    keys: [
      { name: 'Select', values: { Current: 2, Default: 2 } },
      { name: 'ControlSet001', keys: [{ name: 'Control' }] },
      {
        name: 'ControlSet002',
        keys: [
          {
            name: 'Control',
            keys: [
              { name: 'ComputerName', keys: [{ name: 'ComputerName', values: { ComputerName: 'DC01' } }] },
              // Windows leaves what was behind a shorter name.
              {
                name: 'TimeZoneInformation',
                values: { TimeZoneKeyName: `${zone}\0left over`, Bias: -600, ActiveTimeBias: -600 },
              },
            ],
          },
          {
            name: 'Services',
            keys: [
              { name: 'Tcpip', keys: [{ name: 'Parameters', values: { Hostname: 'DC01', Domain: 'corp.example' } }] },
              service('Spooler', {
                ImagePath: '%SystemRoot%\\System32\\spoolsv.exe',
                Type: 0x110,
                Start: 2,
                ObjectName: 'LocalSystem',
              }),
              service('updsvc', { ImagePath: 'C:\\Users\\Public\\upd.exe', Type: 0x10, Start: 2, ObjectName: 'LocalSystem' }),
              service('disk', { ImagePath: 'System32\\drivers\\disk.sys', Type: 1, Start: 0 }),
              ...(proxy ? [listening] : []),
            ],
          },
        ],
      },
    ],
  })
}
