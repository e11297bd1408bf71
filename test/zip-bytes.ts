import { crc32, deflateRawSync } from 'node:zlib'

/** One member of a zip a test wants; what is not given is as it should be. */
export interface ZipEntry {
  readonly name: string
  readonly data: Buffer | string
  readonly stored?: boolean
  readonly encrypted?: boolean
  /** Compression method the directory claims. */
  readonly method?: number
  readonly crc?: number
  /** DOS date and time. */
  readonly date?: number
  readonly time?: number
}

/** A zip archive in memory (APPNOTE.TXT), with what a test wants to be wrong in it. */
export function zipBytes(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const entry of entries) {
    const data = Buffer.from(entry.data)
    const packed = entry.stored ? data : deflateRawSync(data)
    const name = Buffer.from(entry.name)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(entry.encrypted ? 1 : 0, 2)
    shared.writeUInt16LE(entry.method ?? (entry.stored ? 0 : 8), 4)
    shared.writeUInt16LE(entry.time ?? 0, 6)
    shared.writeUInt16LE(entry.date ?? 0, 8)
    shared.writeUInt32LE(entry.crc ?? crc32(data), 10)
    shared.writeUInt32LE(packed.length, 14)
    shared.writeUInt32LE(data.length, 18)
    shared.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, name, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, tail, name]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}
