import { expect, test } from 'vitest'
import { readChecksums } from './checksums.ts'

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e'
const SHA1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test.each([
  ['md5sum', `${MD5}  usr/share/a b.php\n`, [{ path: 'usr/share/a b.php', algorithm: 'md5', digest: MD5 }]],
  ['sha1sum in binary mode', `${SHA1.toUpperCase()} *index.php\r\n`, [{ path: 'index.php', algorithm: 'sha1', digest: SHA1 }]],
  ['an escaped name', `\\${SHA256}  a\\nb\\\\c\n`, [{ path: 'a\nb\\c', algorithm: 'sha256', digest: SHA256 }]],
  ['BSD', `SHA256 (a (1).php) = ${SHA256}\n`, [{ path: 'a (1).php', algorithm: 'sha256', digest: SHA256 }]],
  [
    'a map of digests',
    JSON.stringify({ checksums: { 'index.php': MD5 } }),
    [{ path: 'index.php', algorithm: 'md5', digest: MD5 }],
  ],
  [
    'a list of files, the strongest digest',
    JSON.stringify([{ path: 'a.php', md5: MD5, sha256: SHA256 }]),
    [{ path: 'a.php', algorithm: 'sha256', digest: SHA256 }],
  ],
  [
    'files by name',
    JSON.stringify({ files: { 'a.php': { hash: `sha1:${SHA1}` } } }),
    [{ path: 'a.php', algorithm: 'sha1', digest: SHA1 }],
  ],
  ['no list', 'hello\n', undefined],
  ['digests of no known length', `${MD5}00  a\n`, undefined],
  ['broken JSON', '{"a":', undefined],
  ['nesting without end', `${'['.repeat(5000)}${']'.repeat(5000)}`, undefined],
])('%s', (_name, text, sums) => {
  expect(readChecksums(text)).toEqual(sums)
})
