// Texts that make a careless pattern try every way to match: a run of the same few characters, as long as the sample readers recognise
// items by. A pattern whose time grows with the square of such a run takes minutes for it and meets the time limit of the test.
import { describe, expect, test } from 'vitest'
import { sampleOfBytes } from '../src/evidence/index.ts'
import { readersByName, recognise } from '../src/pipeline/look.ts'
import { readers } from '../src/readers/registry.ts'
import { textPart } from './text-part.ts'

const SAMPLE = 65_536
const BLANK = ['\n', ' ', '\t', '\n ', ' \n\t\n', '\r\n']
const MARKS = [
  '"',
  '""',
  "'",
  '\\',
  '\\"',
  '/',
  '/*',
  '#',
  '-',
  ',',
  ';',
  '=',
  ':',
  '::',
  '%',
  '&',
  '@',
  '$',
  '(',
  ')',
  '{',
  '{"',
  '[',
  '<',
  '</',
  '<!--',
  '<?',
  '<%',
]
const RECORDS = ['a', '0', '1.', 'a b ', 'a,', '"a",', 'a=b ', 'a="b" ', 'key: ', '{"a":', '[a]\n', 'a: b\n', '- a\n', '- - ']
const TIMES = ['1:', '2023-01-01 ', 'Jan  1 00:00:00 ', '10.0.0.1 ', 'fe80::', '<134>1 ']
const WORDS = [
  'server {\n',
  '<VirtualHost\n',
  'DocumentRoot\n',
  'interface \n',
  '<?php ',
  'eval(',
  '"GET / HTTP/1.1" ',
  '#Fields: ',
  'msg=audit(',
]

const run = (unit: string, length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)

describe('no run of characters makes a reader think for long', () => {
  test.each([...BLANK, ...MARKS, ...RECORDS, ...TIMES, ...WORDS])('recognising %j again and again', unit => {
    const byName = readersByName(readers)
    for (const text of [run(unit, SAMPLE), run(unit.replaceAll('\n', ' '), SAMPLE)])
      for (const path of ['host/run.log', 'host/run.conf', 'host/run.php'])
        expect(() => recognise(sampleOfBytes(path, Buffer.from(text)), byName)).not.toThrow()
  })

  test.each(['\n', ' ', '\n ', '"', '<', '(', '[', '\\', 'a,', '{"a":', '=', '/*'])('reading %j again and again', unit => {
    const text = run(unit, SAMPLE / 2)
    for (const { read } of readers) {
      let told = 0
      read(textPart(text), { event: () => told++, diagnostic: () => told++ })
      expect(told).toBeLessThanOrEqual(text.length)
    }
  })
})
