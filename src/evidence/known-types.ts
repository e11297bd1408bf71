import { scriptLanguageOf } from '../model/index.ts'

/** A type of file we know and do not read: what it would have shown, and how to make it readable. */
export interface KnownType {
  readonly name: string
  readonly shows: string
  /** One sentence, most with the command; FILE stands for the item. */
  readonly hint: string
  /** A container: what lies in it is evidence that was not read. */
  readonly isContainer?: true
  is(head: Uint8Array, size: number, path: string): boolean
}

const starts = (signature: string, offset = 0) => {
  const bytes = Buffer.from(signature, 'latin1')
  return (head: Uint8Array) => holdsAt(head, bytes, offset)
}
const startsAny = (...signatures: readonly string[]) => {
  const tests = signatures.map(signature => starts(signature))
  return (head: Uint8Array) => tests.some(test => test(head))
}

function holdsAt(head: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  if (head.length < offset + bytes.length) return false
  for (let i = 0; i < bytes.length; i++) if (head[offset + i] !== bytes[i]) return false
  return true
}

const u16 = (head: Uint8Array, at: number) => (head[at] ?? 0) | ((head[at + 1] ?? 0) << 8)
const u32 = (head: Uint8Array, at: number) => (u16(head, at) | (u16(head, at + 2) << 16)) >>> 0

const MOUNT = 'Mount it read-only (`guestmount -a FILE -i --ro /mnt/image`) and give the folder.'
const UNPACK = 'Unpack it and give the folder'

/** MBR with a partition entry, GPT, NTFS or ext boot sectors. */
function isDiskImage(head: Uint8Array, size: number): boolean {
  if (size < 1 << 20) return false
  const mbr = head[510] === 0x55 && head[511] === 0xaa && [446, 462, 478, 494].every(at => head[at] === 0x80 || head[at] === 0)
  const ext = head[1080] === 0x53 && head[1081] === 0xef && u32(head, 1024) > 0
  return starts('EFI PART', 512)(head) || starts('NTFS    ', 3)(head) || (mbr && u32(head, 458) > 0) || ext
}

/** Types in the order they are tried; the specific before the general. Signatures from the formats' public descriptions. */
export const knownTypes: readonly KnownType[] = [
  {
    name: 'NTFS master file table ($MFT)',
    shows: 'every file that exists or existed, with both sets of times, so that back-dated files show',
    hint: 'Read it with `MFTECmd -f FILE --csv OUT`.',
    is: (head, size) =>
      starts('FILE')(head) && (u16(head, 4) === 0x30 || u16(head, 4) === 0x2a) && size >= 1024 && u32(head, 24) <= 4096,
  },
  {
    name: 'Windows prefetch file',
    shows: 'that a program ran, when, how often, and which files it loaded',
    hint: 'Read it with `PECmd -f FILE --json OUT`.',
    is: head => starts('MAM\x04')(head) || starts('SCCA', 4)(head),
  },
  {
    name: 'ESE database (ntds.dit, SRUM, Windows Update, browser cache)',
    shows: 'for SRUM bytes sent by each program; a stray ntds.dit is stolen passwords in itself',
    hint: 'Read SRUM with `SrumECmd -f FILE --csv OUT`; for any other `esedbexport FILE`.',
    is: starts('\xef\xcd\xab\x89', 4),
  },
  {
    name: 'Windows event log of the old kind (.evt)',
    shows: 'log-ons, services and cleared logs of Windows 2000, XP and 2003',
    hint: 'Convert it on a Windows machine with `wevtutil epl FILE new.evtx /lf:true` and give new.evtx.',
    is: starts('\x30\0\0\0LfLe'),
  },
  {
    name: 'Windows shortcut (.lnk)',
    shows: 'which file was opened, from which volume and machine',
    hint: 'Read it with `LECmd -f FILE --json OUT`.',
    is: starts('L\0\0\0\x01\x14\x02\0'),
  },
  {
    name: 'disk image (EnCase E01)',
    shows: 'the whole disk: logs, web root, deleted files',
    hint: 'Mount it (`ewfmount FILE /mnt/ewf`, then the file system in it read-only) and give the folder.',
    is: startsAny('EVF\x09\x0d\x0a\xff\0', 'EVF2\x0d\x0a\x81\0', 'LVF\x09\x0d\x0a\xff\0'),
  },
  {
    name: 'virtual disk (VHD or VHDX)',
    shows: 'the whole disk: logs, web root, deleted files',
    hint: MOUNT,
    is: startsAny('vhdxfile', 'conectix'),
  },
  { name: 'virtual disk (VMDK)', shows: 'the whole disk', hint: MOUNT, is: startsAny('KDMV', 'COWD', '# Disk DescriptorFile') },
  { name: 'virtual disk (QCOW2)', shows: 'the whole disk', hint: MOUNT, is: starts('QFI\xfb') },
  { name: 'virtual disk (VDI)', shows: 'the whole disk', hint: MOUNT, is: starts('\x7f\x10\xda\xbe', 64) },
  { name: 'optical disc image', shows: 'the files in it', hint: MOUNT, is: starts('CD001', 32769) },
  { name: 'raw disk image', shows: 'the whole disk: logs, web root, deleted files', hint: MOUNT, is: isDiskImage },
  {
    name: 'encrypted volume (LUKS or BitLocker)',
    shows: 'the whole disk',
    hint: 'Open it with its key, mount it read-only and give the folder.',
    is: head => starts('LUKS\xba\xbe')(head) || starts('-FVE-FS-', 3)(head),
  },
  {
    name: 'memory image or crash dump',
    shows: 'running processes, connections, code that lies in no file',
    hint: 'Read it with `vol -f FILE windows.pslist` (Volatility 3) and its other plugins.',
    is: startsAny('EMiL', 'PAGEDUMP', 'PAGEDU64', 'MDMP', 'HIBR', 'JAVA PROFILE'),
  },
  {
    name: '7-Zip archive',
    isContainer: true,
    shows: 'the files in it',
    hint: `${UNPACK}: \`7z x FILE\`.`,
    is: starts('7z\xbc\xaf\x27\x1c'),
  },
  {
    name: 'RAR archive',
    isContainer: true,
    shows: 'the files in it',
    hint: `${UNPACK}: \`unrar x FILE\`.`,
    is: starts('Rar!\x1a\x07'),
  },
  {
    name: 'cabinet archive',
    isContainer: true,
    shows: 'the files in it',
    hint: `${UNPACK}: \`cabextract FILE\`.`,
    is: starts('MSCF\0\0\0\0'),
  },
  {
    name: 'lz4 file',
    isContainer: true,
    shows: 'the file in it',
    hint: 'Unpack it with `unlz4 FILE`.',
    is: starts('\x04\x22\x4d\x18'),
  },
  {
    name: 'Unix compress file',
    isContainer: true,
    shows: 'the file in it',
    hint: 'Unpack it with `uncompress FILE`.',
    is: starts('\x1f\x9d'),
  },
  {
    name: 'cpio archive',
    isContainer: true,
    shows: 'the files in it',
    hint: `${UNPACK}: \`cpio -idm < FILE\`.`,
    is: startsAny('070701', '070702', '070707'),
  },
  {
    name: 'software package',
    shows: 'what was installed',
    hint: `${UNPACK}: \`ar x FILE\` or \`rpm2cpio FILE\`.`,
    is: startsAny('!<arch>\n', '\xed\xab\xee\xdb'),
  },
  {
    name: 'SQLite database',
    shows: 'depends on the program: browser history, application logs',
    hint: 'Print its tables with `sqlite3 FILE .dump`.',
    is: starts('SQLite format 3\0'),
  },
  {
    name: 'Parquet file',
    shows: 'records of another tool',
    hint: "Export it with `duckdb -c \"copy (from 'FILE') to 'out.json'\"` and give that file.",
    is: head => starts('PAR1')(head),
  },
  {
    name: 'Windows program or library',
    shows: 'by its hash, whether it is known; its code is not judged',
    hint: 'Its SHA-256 is in the report: look it up, or scan the file with YARA.',
    is: head => starts('MZ')(head) && starts('PE\0\0', u32(head, 60))(head),
  },
  {
    name: 'Linux program or library',
    shows: 'by its hash, whether it is known; its code is not judged',
    hint: 'Its SHA-256 is in the report: look it up, or scan the file with YARA.',
    is: starts('\x7fELF'),
  },
  {
    name: 'macOS program',
    shows: 'by its hash, whether it is known',
    hint: 'Its SHA-256 is in the report: look it up.',
    is: startsAny('\xcf\xfa\xed\xfe', '\xce\xfa\xed\xfe'),
  },
  {
    name: 'Java class',
    shows: 'code of a web application, possibly of a page that was deleted',
    hint: 'Decompile it, for instance with `javap -c -p FILE`.',
    is: head => starts('\xca\xfe\xba\xbe')(head) && (head[6] ?? 0) === 0 && (head[7] ?? 0) >= 45,
  },
  {
    name: 'Office document of the old kind, or installer',
    shows: 'possibly a lure with macros',
    hint: 'Look for macros with `olevba FILE`.',
    is: starts('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'),
  },
  { name: 'Outlook mailbox', shows: 'mail', hint: 'Export it with `readpst FILE`.', is: starts('!BDN') },
  { name: 'PDF document', shows: 'possibly a lure', hint: 'Look for scripts in it with `pdfid FILE`.', is: starts('%PDF-') },
  {
    name: 'picture',
    shows: 'nothing for us; it holds no script code in its first part',
    hint: 'Nothing to do.',
    is: head =>
      startsAny(
        '\x89PNG\r\n\x1a\n',
        '\xff\xd8\xff',
        'GIF87a',
        'GIF89a',
        'II*\0',
        'MM\0*',
        '\0\0\x01\0\x01',
        '\0\0\x01\0\x02',
      )(head) ||
      (starts('BM')(head) && u32(head, 6) === 0 && [12, 40, 108, 124].includes(u32(head, 14))) ||
      (starts('RIFF')(head) && starts('WEBP', 8)(head)),
  },
  {
    name: 'font, sound or film',
    shows: 'nothing for us',
    hint: 'Nothing to do.',
    is: head =>
      startsAny('OggS', 'ID3', 'wOFF', 'wOF2', 'OTTO', '\0\x01\0\0\0')(head) || starts('RIFF')(head) || starts('ftyp', 4)(head),
  },
  {
    name: 'what macOS keeps beside a file (AppleDouble, .DS_Store)',
    shows: 'nothing for us',
    hint: 'Nothing to do.',
    is: startsAny('\0\x05\x16\x07\0', '\0\0\0\x01Bud1'),
  },
  {
    name: 'property list',
    shows: 'settings of a macOS program',
    hint: 'Print it with `plutil -p FILE`.',
    is: starts('bplist00'),
  },
  {
    // nfdump 1.7.1 prints ends before beginnings with %ter, and shortens addresses.
    name: 'flows as nfdump prints them for people',
    shows: 'connections, but with times and addresses that were cut or are wrong',
    hint: 'Print the flow files again with `nfdump -R FOLDER -o json > flows.json`, or give the files of nfcapd themselves.',
    is: startsAny('Date first seen ', 'Event time               Event '),
  },
]

/** The known type of an item; undefined when we have no name for it. */
export function knownType(head: Uint8Array, size: number, path: string): KnownType | undefined {
  return knownTypes.find(type => type.is(head, size, path))
}

/**
 * Server-side code hides behind the first bytes of a picture or document ("GIF89a" + code): then it is a script, whatever its name. Two
 * letters such as `<%` come by chance in packed pixels, so a word of the language must follow.
 */
export function holdsScriptCode(bytes: Uint8Array): boolean {
  return scriptLanguageOf('', Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')) !== undefined
}
