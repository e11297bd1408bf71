import type { FieldSource } from './field-view.ts'

/** Names rules use for one digest of Sysmon's `Hashes` ("SHA1=…,MD5=…,IMPHASH=…"). */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  md5: ['MD5', 'md5', 'Md5'],
  sha1: ['SHA1', 'sha1', 'Sha1'],
  sha256: ['SHA256', 'sha256', 'Sha256'],
  imphash: ['IMPHASH', 'imphash', 'Imphash', 'ImpHash'],
}

/** Fields that are in Sysmon's list of digests. Event 15 calls the list `Hash`. */
export const hashFields: Readonly<Record<string, FieldSource>> = {
  Hashes: { names: ['Hashes', 'Hash'] },
  Hash: { names: ['Hash', 'Hashes'] },
  ...Object.fromEntries(
    Object.entries(NAMES).flatMap(([algorithm, names]) =>
      names.map((name): readonly [string, FieldSource] => [
        name,
        {
          names: [name, 'Hashes', 'Hash'],
          from: get => get(name) ?? digestOf(get('Hashes') ?? get('Hash'), algorithm),
        },
      ]),
    ),
  ),
}

function digestOf(hashes: string | undefined, algorithm: string): string | undefined {
  for (const part of hashes?.split(',') ?? []) {
    const sign = part.indexOf('=')
    if (sign > 0 && part.slice(0, sign).trim().toLowerCase() === algorithm) return part.slice(sign + 1).trim()
  }
  return undefined
}
