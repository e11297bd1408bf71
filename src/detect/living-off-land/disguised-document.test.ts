import { expect, test } from 'vitest'
import { eventOf, processStart, saidBy } from '../../../test/record-detector.ts'
import { disguisedDocument } from './disguised-document.ts'

const EXPLORER = 'C:\\Windows\\explorer.exe'
const started = (image: string, parentImage: string) =>
  saidBy(disguisedDocument, processStart({ image, parentImage, user: 'EXAMPLE\\ann' }))

test.each([
  [
    'C:\\Users\\ann\\Downloads\\holiday.jpeg.exe',
    EXPLORER,
    'medium: EXAMPLE\\ann opened holiday.jpeg.exe, a program with the name of a document',
  ],
  [
    'C:\\Users\\ann\\Downloads\\Invoice.PDF   .scr',
    'C:\\Windows\\System32\\cmd.exe',
    'medium: cmd.exe started invoice.pdf   .scr, a program with the name of a document',
  ],
  ['C:\\Program Files\\Viewer\\jpeg.exe', EXPLORER, ''],
  ['C:\\Tools\\html2text.exe', EXPLORER, ''],
  ['C:\\Users\\ann\\Downloads\\setup-1.2.3.exe', EXPLORER, ''],
  ['C:\\Users\\ann\\Downloads\\report.zip.exe', EXPLORER, ''],
])('%s by %s', (image, parent, said) => {
  expect(started(image, parent)).toBe(said)
})

test('a process that ends is no start', () => {
  expect(saidBy(disguisedDocument, processStart({ action: 'stop', image: 'C:\\a.pdf.exe' }))).toBe('')
})

test.each([
  [
    'C:\\Users\\ann\\AppData\\Local\\Temp\\p.exe',
    'a.jpeg.exe',
    'low: a.jpeg.exe, a program with the name of a document, wrote p.exe',
  ],
  ['C:\\Users\\ann\\AppData\\Local\\Temp\\p.png', 'a.jpeg.exe', ''],
  ['C:\\Users\\ann\\AppData\\Local\\Temp\\p.exe', 'setup.exe', ''],
])('%s written by %s', (path, image, said) => {
  expect(
    saidBy(
      disguisedDocument,
      eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path, image: `C:\\Users\\ann\\${image}` }),
    ),
  ).toBe(said)
})

test('what it starts belongs to it', () => {
  expect(started('C:\\Temp\\p.exe', 'C:\\Users\\ann\\a.jpeg.exe')).toBe(
    'low: a.jpeg.exe, a program with the name of a document, started p.exe',
  )
})
