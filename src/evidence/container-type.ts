/** Containers we unpack. */
export type ContainerType = 'zip' | 'tar' | 'gzip' | 'zstd' | 'xz' | 'bzip2'

/** The container these first bytes belong to; undefined when they are no container. */
export function containerType(head: Uint8Array): ContainerType | undefined {
  const [a, b, c, d] = head
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return 'zip'
  // RFC 1952: two magic bytes and method 8 (deflate), the only one there is; the upper three flags are reserved and zero.
  if (a === 0x1f && b === 0x8b && c === 8 && ((d ?? 0) & 0xe0) === 0) return 'gzip'
  // RFC 8878: frame magic; a skippable frame may come first (0x184D2A50 to 5F, as pzstd writes).
  if (
    (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) ||
    (((a ?? 0) & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18)
  )
    return 'zstd'
  // tukaani.org/xz/xz-file-format.txt, section 2.1.1.1.
  if (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58 && head[4] === 0x5a && head[5] === 0) return 'xz'
  // "BZh" and a size; then a block, or the end where nothing was packed.
  if (a === 0x42 && b === 0x5a && c === 0x68 && d !== undefined && d >= 0x31 && d <= 0x39 && beginsBzip2(head)) return 'bzip2'
  return isTar(head) ? 'tar' : undefined
}

/** Digits of pi begin a block of bzip2, those of its root end a stream. */
function beginsBzip2(head: Uint8Array): boolean {
  const magic = Buffer.from(head.subarray(4, 10)).toString('hex')
  return magic === '314159265359' || magic === '177245385090'
}

/** POSIX.1-1988 ustar and the older tar alike: the header's checksum is the sum of its bytes with the checksum field as blanks. */
function isTar(head: Uint8Array): boolean {
  if (head.length < 512 || head[0] === 0) return false
  const said = Number.parseInt(Buffer.from(head.subarray(148, 156)).toString('latin1').replace(/\0.*$/s, '').trim(), 8)
  if (!Number.isFinite(said) || said === 0) return false
  let sum = 8 * 0x20
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += head[i] ?? 0
  return sum === said
}
