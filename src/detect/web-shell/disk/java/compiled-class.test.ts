import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classBytes } from '../../../../../test/class-bytes.ts'
import { analyse } from '../analyse.ts'
import { readClassFile } from './class-file.ts'

const judged = (bytes: Buffer) => analyse({ path: 'work/a_jsp.class', bytes, text: '' })
const REQUEST = 'javax/servlet/http/HttpServletRequest.getParameter'

describe('compiled classes', () => {
  test.each([
    ['commands and requests', classBytes({ methods: [REQUEST, 'java/lang/Runtime.exec'] }), 'web-shell'],
    [
      'a loader with a cipher',
      classBytes({
        methods: [
          'jakarta/servlet/http/HttpServletRequest.getReader',
          'javax/crypto/Cipher.doFinal',
          'java/lang/ClassLoader.defineClass',
        ],
      }),
      'web-shell',
    ],
    [
      'an agent that rewrites a server',
      classBytes({
        words: ['agentmain'],
        classes: ['java/lang/instrument/Instrumentation'],
        methods: ['javassist/CtMethod.insertBefore'],
        strings: ['org.apache.catalina.core.ApplicationFilterChain', 'doFilter', 'setUserPassword'],
      }),
      'web-shell',
    ],
    [
      'an agent that names the server only',
      classBytes({
        words: ['premain'],
        classes: ['java/lang/instrument/Instrumentation'],
        strings: ['javax/servlet/http/HttpServlet'],
      }),
      'suspicious',
    ],
    ['a servlet that reads requests', classBytes({ methods: [REQUEST, 'java/io/PrintWriter.println'] }), 'clean'],
    ['a job that runs commands', classBytes({ methods: ['java/lang/ProcessBuilder.start'] }), 'clean'],
    [
      'the loader of a server',
      classBytes({ methods: ['java/lang/ClassLoader.defineClass'], parent: 'java/net/URLClassLoader' }),
      'clean',
    ],
    ['an agent that measures', classBytes({ words: ['premain'], classes: ['java/lang/instrument/Instrumentation'] }), 'clean'],
  ])('%s', (_name, bytes, verdict) => {
    expect(judged(bytes).verdict).toBe(verdict)
  })

  test('names, parents and texts are read', () => {
    const read = readClassFile(classBytes({ methods: ['a/B.c'], strings: ['text'], parent: 'p/Q' }))
    expect({ name: read?.name, superName: read?.superName, methods: [...(read?.methods ?? [])], strings: read?.strings }).toEqual(
      {
        name: 'org/apache/jsp/a_jsp',
        superName: 'p/Q',
        methods: ['a/B.c'],
        strings: ['text'],
      },
    )
  })

  test('any bytes end without a throw', () => {
    const whole = classBytes({ methods: [REQUEST], strings: ['x'] })
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 60 }), (at, noise) => {
        judged(Buffer.concat([whole.subarray(0, at), Buffer.from(noise)]))
      }),
    )
  })
})
