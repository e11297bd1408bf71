/** First bytes in Latin-1, and what THOR and Loki call such a file (signature-base, misc/file-type-signatures.txt names the like). */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [/^MZ/, 'EXE'],
  [/^\x7fELF/, 'ELF'],
  [/^(?:\xca\xfe\xba\xbe\x00\x00\x00[\x01-\x20]|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf])/, 'MACH-O'],
  [/^PK\x03\x04/, 'ZIP'],
  [/^%PDF/, 'PDF'],
  [/^\{\\rt/, 'RTF'],
  [/^\xd0\xcf\x11\xe0/, 'OLE'],
  [/^GIF8/, 'GIF'],
  [/^\xff\xd8\xff/, 'JPEG'],
  [/^\x89PNG/, 'PNG'],
  [/^MDMP/, 'MDMP'],
  [/^#!.{0,40}python/, 'Python'],
  [/^#!.{0,40}perl/, 'Perl'],
  [/^#!.{0,40}sh\b/, 'Shell script'],
  [/<\?php|<\?=/i, 'PHP'],
  [/<%@\s*page[^>]{0,200}(?:import|language\s*=\s*["']java)|<jsp:/i, 'JSP'],
  [/<%@\s*(?:page|webhandler|control)/i, 'ASPX'],
  [/<%/, 'ASP'],
  [/^\s*@echo off/i, 'BATCH'],
  [/^\s*(?:Dim |On Error Resume Next|Set \w+ ?= ?CreateObject)/i, 'VBS'],
]

/** How much of a file tells what it is. */
const HEAD_BYTES = 2048

/** The kind of a file by its first bytes; '' when we know none. */
export function fileTypeOf(bytes: Uint8Array): string {
  let head = ''
  for (const byte of bytes.subarray(0, HEAD_BYTES)) head += String.fromCharCode(byte)
  return TYPES.find(([mark]) => mark.test(head))?.[1] ?? ''
}
