import type { EventSink, EvidencePart, EvidenceSample, FormatAbout, Reader } from '../../model/index.ts'
import { jsonObjects } from '../carriers/json-objects.ts'
import { jsonFieldsOf, plainText } from '../carriers/json-value.ts'
import { excerptOf, PartDiagnostics } from '../carriers/part-diagnostics.ts'
import { exportedEntries } from './export.ts'
import { isJournalFile, journalEntries } from './journal-file.ts'
import { journalEvents } from './map.ts'

const COMMON = {
  shows:
    'What [syslog](syslog.md) shows, with times to the microsecond and the program, unit and account that really wrote each message.',
  cannotShow: 'What was vacuumed (`SystemMaxUse`); a journal in `/run/log/journal` is gone after a restart.',
  clock: 'Host in every entry; times are UTC.',
  builtFrom: 'recorded',
  page: 'journal',
} as const satisfies Partial<FormatAbout>

const jsonReader: Reader = {
  format: 'journal-json',
  title: 'systemd journal as JSON',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'Output of `journalctl -o json`, `json-pretty` and `json-seq`.',
    exported: '`journalctl -o json --all > HOST.json`.',
    ...COMMON,
    checkedOn: 'the output of journalctl 252 for a journal that systemd-journal-remote wrote.',
  },
  recognise({ encoding, lines }: EvidenceSample): number {
    if (encoding === undefined || !/^[\u001e\s]*\{/.test(lines[0] ?? '')) return 0
    const text = lines.slice(0, 60).join('\n').slice(0, 65_536)
    return /"__REALTIME_TIMESTAMP"\s*:\s*"\d{10,}"/.test(text) && /"(?:__CURSOR|_BOOT_ID|MESSAGE)"\s*:/.test(text) ? 97 : 0
  },
  read(part, sink) {
    const diagnostics = new PartDiagnostics(part, sink)
    for (const object of jsonObjects(part.bytes, part.start, part.end, part.encoding)) {
      const fields = object.cut ? undefined : jsonFieldsOf(object.text)
      if (!fields) {
        const message = `not an entry of a journal: ${excerptOf(object.text)}`
        diagnostics.each(object, { code: 'journal-json/unreadable-entry', level: 'warning', message })
        continue
      }
      emit(
        Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, textOf(value)])),
        { number: object.number, offset: object.offset },
        part,
        sink,
        diagnostics,
      )
    }
    diagnostics.finish()
  },
}

/** Values that are no text are lists of bytes; of a field with several values the first is kept. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return plainText(value) ?? ''
  const bytes = value.filter(byte => typeof byte === 'number')
  return bytes.length === value.length ? new TextDecoder().decode(Uint8Array.from(bytes)) : textOf(value[0])
}

const exportReader: Reader = {
  format: 'journal-export',
  title: 'systemd journal in its export format',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads: 'Output of `journalctl -o export` and of systemd-journal-gatewayd.',
    exported: '`journalctl -o export > HOST.export`.',
    ...COMMON,
    checkedOn: 'the output of journalctl 252 for a journal that systemd-journal-remote wrote, with a field of several lines.',
  },
  recognise({ head }: EvidenceSample): number {
    const text = new TextDecoder('latin1').decode(head.subarray(0, 4096))
    return /^__CURSOR=|^__REALTIME_TIMESTAMP=\d{10,}\n/.test(text) && /^__REALTIME_TIMESTAMP=\d{10,}$/m.test(text) ? 97 : 0
  },
  read(part, sink) {
    const diagnostics = new PartDiagnostics(part, sink)
    let number = 0
    for (const { fields, offset, damaged } of exportedEntries(part.bytes, part.start, part.end)) {
      number++
      if (damaged) diagnostics.each({ number, offset }, UNREAD_FIELD)
      emit(fields, { number, offset }, part, sink, diagnostics)
    }
    diagnostics.finish()
  },
}

const UNREAD_FIELD = {
  code: 'journal/unread-field',
  level: 'warning',
  message: 'fields of an entry could not be read: broken, larger than 1 MiB, or packed with XZ',
  hint: 'Print the journal on a Linux machine: journalctl --file FILE -o json --all > journal.json',
} as const

const fileReader: Reader = {
  format: 'journal-file',
  title: 'systemd journal file',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'Journal files as they lie on disk, regular and compact, with fields packed by Zstandard or LZ4; fields packed by XZ (systemd before 219) are said and not read.',
    exported: 'Copy `/var/log/journal/` (and `/run/log/journal/`).',
    ...COMMON,
    checkedOn:
      'files that systemd-journal-remote 252 wrote, regular and compact, with packed fields; the same entries as journalctl prints.',
  },
  recognise: ({ head }) => (isJournalFile(head) ? 99 : 0),
  read(part, sink) {
    const diagnostics = new PartDiagnostics(part, sink)
    const entries = journalEntries(part.bytes)
    let number = 0
    for (;;) {
      const next = entries.next()
      if (next.done === true) {
        if (next.value?.kind === 'broken-object')
          diagnostics.each(
            { offset: next.value.offset },
            {
              code: 'journal/broken-object',
              level: 'error',
              message: `the file is broken at offset ${next.value.offset}; ${number} entries before it were read`,
              hint: UNREAD_FIELD.hint,
            },
          )
        if (next.value?.kind === 'no-journal')
          diagnostics.each(
            { offset: 0 },
            { code: 'journal/no-journal', level: 'error', message: 'the head of the file is cut or broken' },
          )
        break
      }
      const { fields, offset, unread } = next.value
      number++
      if (unread > 0) diagnostics.once({ number, offset }, UNREAD_FIELD)
      emit(fields, { number, offset }, part, sink, diagnostics)
    }
    diagnostics.finish()
  },
}

function emit(
  fields: Readonly<Record<string, string>>,
  { number, offset }: { readonly number: number; readonly offset: number },
  part: EvidencePart,
  sink: EventSink,
  diagnostics: PartDiagnostics,
): void {
  for (const event of journalEvents(fields, { evidence: part.evidence, record: number, offset }, part)) {
    if (event.time === undefined)
      diagnostics.once(
        { number, offset },
        { code: 'journal/bad-time', level: 'note', message: 'an entry has no time; it is kept without one' },
      )
    sink.event(event)
  }
}

/** The journal of systemd in its three forms. */
export const readers: readonly Reader[] = [jsonReader, exportReader, fileReader]
