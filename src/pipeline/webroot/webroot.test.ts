import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import type { Diagnostic } from '../../model/index.ts'
import { type JudgedFile, reasonsOf, type WebrootSummary, webroot } from './index.ts'

let folder = ''
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  folder = ''
})

/** Inert: no server looks into this folder, and the names are none a server would run. */
const SHELL = `GIF89a<?php ${'sys'}tem($_POST["x"]); ?>`
const ORDINARY = '<?php\n$greeting = "hello";\necho $greeting;\n'

function tree(files: Readonly<Record<string, string | Buffer>>): string {
  folder = mkdtempSync(join(tmpdir(), 'webroot-test-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

interface Look {
  readonly files: readonly JudgedFile[]
  readonly codes: readonly string[]
  readonly summary: WebrootSummary
}

async function look(roots: readonly string[], against: readonly string[] = [], yara: readonly string[] = []): Promise<Look> {
  const files: JudgedFile[] = []
  const diagnostics: Diagnostic[] = []
  const summary = await webroot(
    { roots, against, yara, jobs: 1 },
    {
      file: async judged => files.push(judged) > 0,
      diagnostic: diagnostic => diagnostics.push(diagnostic),
      say: () => undefined,
    },
  )
  return { files, codes: diagnostics.map(({ code }) => code), summary }
}

const verdicts = ({ files }: Look) => files.map(({ path, verdict }) => [path.slice(folder.length + 1), verdict])
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('code in a picture is found, ordinary code is not, and both are counted', async () => {
  const root = tree({ 'site/a.gif': SHELL, 'site/b.txt': ORDINARY, 'site/c.txt': 'words' })
  const outcome = await look([join(root, 'site')])
  expect(verdicts(outcome)).toEqual([['site/a.gif', 'web-shell']])
  expect(outcome.summary).toMatchObject({
    files: 3,
    bytes: SHELL.length + ORDINARY.length + 5,
    unreadable: 0,
    interrupted: false,
  })
  expect(reasonsOf(outcome.files[0] as JudgedFile)[0]).toMatch(/^line 1: .*system/)
})

test('archives are opened, members have the path of the archive, and a folder given twice is looked at once', async () => {
  const root = tree({ 'site/a.txt.gz': gzipSync(SHELL) })
  const outcome = await look([join(root, 'site'), root, root])
  expect(verdicts(outcome)).toEqual([['site/a.txt.gz', 'web-shell']])
  expect(outcome.summary.files).toBe(1)
})

test('links out of the folder are not followed, a path that is not there is said', async () => {
  const root = tree({ 'out/a.gif': SHELL, 'site/b.txt': ORDINARY })
  symlinkSync(join(root, 'out'), join(root, 'site', 'up'))
  const outcome = await look([join(root, 'site'), join(root, 'nowhere')])
  expect(verdicts(outcome)).toEqual([])
  expect(outcome.codes).toEqual(['evidence/link-not-followed', 'evidence/missing-path'])
  expect(outcome.summary.unreadable).toBe(1)
})

test.skipIf(process.platform !== 'linux')('names that are no text, pipes, loops of links and folders that are gone', async () => {
  const root = tree({ 'site/a\nb.gif': SHELL, 'site/\u001b[31m.gif': SHELL })
  const raw = (...bytes: number[]) => Buffer.concat([Buffer.from(`${root}/site/`), Buffer.from(bytes)])
  writeFileSync(raw(0xff, 0xfe, 0x2e, 0x67, 0x69, 0x66), SHELL)
  mkdirSync(raw(0xc4, 0xe3))
  writeFileSync(raw(0xc4, 0xe3, 0x2f, 0xc2, 0x2e, 0x67, 0x69, 0x66), SHELL)
  symlinkSync('..', join(root, 'site/up'))
  symlinkSync('self', join(root, 'site/self'))
  execFileSync('mkfifo', [join(root, 'site/pipe')])
  const outcome = await look([join(root, 'site')])
  expect(verdicts(outcome)).toEqual([
    ['site/\u001b[31m.gif', 'web-shell'],
    ['site/a\nb.gif', 'web-shell'],
    ['site/\ufffd\ufffd/\ufffd.gif', 'web-shell'],
    ['site/\ufffd\ufffd.gif', 'web-shell'],
  ])
  expect(outcome.codes).toEqual(['evidence/no-regular-file', 'evidence/link-not-followed', 'evidence/link-not-followed'])
  expect(outcome.summary).toMatchObject({ files: 4, unreadable: 0 })
})

test('a copy one folder deeper knows what is unchanged, tells what was changed, and says what it does not have', async () => {
  const changed = ORDINARY.replace('hello', 'good day')
  const root = tree({
    'old/app-1.0/a.txt': ORDINARY,
    'old/app-1.0/lib/b.txt': ORDINARY,
    'old/app-1.0/lib/c.txt': ORDINARY,
    'site/a.txt': ORDINARY,
    'site/lib/b.txt': ORDINARY,
    'site/lib/c.txt': changed,
    'site/lib/d.gif': SHELL,
  })
  const outcome = await look([join(root, 'site')], [join(root, 'old')])
  expect(verdicts(outcome)).toEqual([
    ['site/lib/c.txt', 'modified'],
    ['site/lib/d.gif', 'web-shell'],
  ])
  expect(outcome.files[0]?.change).toEqual({
    from: 'old',
    difference: ['@@ -1,4 +1,4 @@', ' <?php', '-$greeting = "hello";', '+$greeting = "good day";', ' echo $greeting;', ' '],
  })
  expect(outcome.files[1]?.context).toEqual(['not in old, which has 2 files of this folder'])
  expect(outcome.summary.known).toBe(2)
})

test.each([
  ['a list of checksums', 'sums', `${sha256(ORDINARY)}  ./a.txt\n${sha256('x')}  ./b.txt\n`],
  ['a compressed list', 'sums.gz', gzipSync(`${sha256(ORDINARY)}  a.txt\n${sha256('x')}  b.txt\n`)],
  ['a list in JSON', 'sums', JSON.stringify({ 'a.txt': sha256(ORDINARY), 'b.txt': sha256('x') })],
  ['a list of a folder above', 'sums', `${sha256(ORDINARY)}  /srv/www/a.txt\n${sha256('x')}  /srv/www/b.txt\n`],
])('%s', async (_name, file, content) => {
  const root = tree({ 'site/a.txt': ORDINARY, 'site/b.txt': ORDINARY, [file]: content })
  const outcome = await look([join(root, 'site')], [join(root, file)])
  expect(verdicts(outcome)).toEqual([['site/b.txt', 'modified']])
  expect(outcome.summary.known).toBe(1)
})

test('checksums of the packages of an image are used without being asked for', async () => {
  const md5 = createHash('md5').update(ORDINARY).digest('hex')
  const root = tree({
    'image/var/lib/dpkg/info/app.md5sums': `${md5}  usr/share/app/a.txt\n${md5}  usr/share/app/b.txt\n`,
    'image/usr/share/app/a.txt': ORDINARY,
    'image/usr/share/app/b.txt': `${ORDINARY}// changed\n`,
  })
  const outcome = await look([join(root, 'image/usr/share/app')])
  expect(verdicts(outcome)).toEqual([['image/usr/share/app/b.txt', 'modified']])
  expect(outcome.files[0]?.change).toEqual({ from: 'package app', difference: [] })
})

test('a YARA rule alone makes a file suspicious, at a low level not even that; a refused rule is said', async () => {
  const root = tree({
    'site/a.txt': 'a marker of somebody',
    'site/b.txt': 'another sign',
    'rules/a.yar': `rule marker { meta: score = 80 strings: $a = "marker" condition: $a and filename == "a.txt" and extension == ".txt" }
rule weak { meta: score = 30 strings: $a = "another sign" condition: $a }
rule broken { condition: nothing_known }`,
  })
  const outcome = await look([join(root, 'site')], [], [join(root, 'rules')])
  expect(verdicts(outcome)).toEqual([['site/a.txt', 'suspicious']])
  expect(outcome.files[0]?.yara.map(({ rule, level }) => [rule, level])).toEqual([['marker', 'high']])
  expect(outcome.codes).toEqual(['yara/refused'])
})
