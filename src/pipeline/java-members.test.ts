import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesPart } from '../../test/bytes-part.ts'
import { classBytes } from '../../test/class-bytes.ts'
import { zipBytes } from '../../test/zip-bytes.ts'
import { content } from '../detect/web-shell/content.ts'
import { javaMembers } from './java-members.ts'

const MANIFEST = { name: 'META-INF/MANIFEST.MF', data: 'Manifest-Version: 1.0\n' }
/** As far as is looked at: the mark of a class, and the texts of its constant pool. */
const compiled = (name: string, ...texts: readonly string[]) => ({
  name,
  data: Buffer.concat([
    Buffer.from([0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52, 0, 9]),
    Buffer.from(texts.join('\x01\0\x09'), 'latin1'),
  ]),
})
const SHELL = compiled('org/example/A.class', 'getParameter', 'java/lang/Runtime', 'exec')

function worthJudging(bytes: Uint8Array): [readonly string[], number] {
  const looked = { members: 0, unpacked: 0, left: 0 }
  return [[...javaMembers(bytesPart(bytes, { path: 'a.jar' }), 'web01', looked)].map(({ path }) => path), looked.members]
}

test.each<[string, Uint8Array, readonly string[], number]>([
  ['a class that could run what it is sent', zipBytes([MANIFEST, SHELL]), ['a.jar!/org/example/A.class'], 1],
  [
    'in a library inside',
    zipBytes([MANIFEST, { name: 'BOOT-INF/lib/b.jar', data: zipBytes([MANIFEST, SHELL]), stored: true }]),
    ['a.jar!/BOOT-INF/lib/b.jar!/org/example/A.class'],
    2,
  ],
  ['a class under the name of a picture', zipBytes([{ ...SHELL, name: 'x/logo.png' }]), ['a.jar!/x/logo.png'], 1],
  ['a page', zipBytes([{ name: 'META-INF/resources/a.jsp', data: '<% x(); %>' }]), ['a.jar!/META-INF/resources/a.jsp'], 1],
  // look-alikes
  ['a class that only reads a request', zipBytes([compiled('a/B.class', 'getParameter', 'print')]), [], 1],
  ['a class that only starts programs', zipBytes([compiled('a/B.class', 'java/lang/Runtime', 'exec')]), [], 1],
  ['a text', zipBytes([{ name: 'a/notice.txt', data: 'getParameter exec' }]), [], 1],
  ['encrypted', zipBytes([{ ...SHELL, encrypted: true }]), [], 1],
])('%s', (_name, bytes, paths, members) => {
  expect(worthJudging(bytes)).toEqual([paths, members])
})

test('a class of a library is judged like a file of its own', () => {
  const request = 'jakarta/servlet/http/HttpServletRequest.getParameter'
  const bytes = zipBytes([
    MANIFEST,
    { name: 'org/example/A.class', data: classBytes({ methods: [request, 'java/lang/Runtime.exec'] }) },
    { name: 'org/example/B.class', data: classBytes({ methods: [request], strings: ['exec'] }) },
  ])
  const looked = { members: 0, unpacked: 0, left: 0 }
  const files = [...javaMembers(bytesPart(bytes, { path: 'lib/a.jar' }), 'web01', looked)]
  expect(files.map(file => [file.path, content.wants(file) ? content.judge(file)?.title : 'not asked'])).toEqual([
    ['lib/a.jar!/org/example/A.class', 'A.class: Java class that runs commands and reads requests'],
    ['lib/a.jar!/org/example/B.class', undefined],
  ])
})

test('any bytes are read', () => {
  const whole = zipBytes([MANIFEST, SHELL, { name: 'b.jar', data: zipBytes([SHELL]) }])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length), (noise, at) => {
      const mutated = Buffer.from(whole)
      mutated.set(noise.subarray(0, Math.max(0, whole.length - at)), Math.min(at, whole.length))
      for (const bytes of [noise, mutated]) expect(worthJudging(bytes)[0].length).toBeLessThanOrEqual(2)
    }),
  )
})
