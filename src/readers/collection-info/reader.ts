import { placeInCollection } from '../../evidence/index.ts'
import { contentHash, type EvidenceSample, originalFields, type Reader } from '../../model/index.ts'
import { jsonFieldsOf, plainText } from '../carriers/json-value.ts'

/** Files that collection tools write about themselves, by name; what lies in a collection's other folders is evidence. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[/!])(?:client_info|collection_context|uploads|log)\.json$/i, 'Velociraptor'],
  [
    /(?:^|[/!])results\/(?:Generic\.Client\.Info|Windows\.KapeFiles\.Targets|Linux\.Triage|Windows\.Triage\.Targets|Windows\.Triage)\S*\.json(?:\.index)?$/i,
    'Velociraptor',
  ],
  [/(?:^|[/!])(?:_kape\.cli|\S*_(?:ConsoleLog|CopyLog|SkipLog)\.(?:txt|csv)(?:\.csv)?)$/i, 'KAPE'],
  [/(?:^|[/!])uac(?:\.log|-\S+\.log)(?:\.stderr)?$/i, 'UAC'],
  [
    /(?:^|[/!])(?:etc\/(?:hostname|timezone|machine-id|os-release|debian_version|redhat-release)|sos_commands\/host\/hostname|live_response\/network\/hostname\.txt)$/i,
    'the machine',
  ],
]

function toolOf({ path, encoding, size }: EvidenceSample): string | undefined {
  if (encoding === undefined || size > 64 << 20) return undefined
  const tool = NAMES.find(([pattern]) => pattern.test(path))?.[1]
  // "log.json" and "uploads.json" are anybody's names: only where a collection lies.
  return tool !== undefined && (tool !== 'Velociraptor' || placeInCollection(path)?.kind === 'Velociraptor') ? tool : undefined
}

/** What a collection says of itself: accounted for, and the source of host and zone of everything beside it. */
export const reader: Reader = {
  format: 'collection-info',
  title: 'what a collection says of itself (Velociraptor, KAPE, UAC)',
  version: 1,
  split: { by: 'nothing' },
  about: {
    reads:
      'client_info.json and its neighbours of Velociraptor, logs of KAPE and UAC, /etc/hostname and /etc/timezone of a tree.',
    exported: 'Comes with the collection: give the whole zip or folder.',
    shows: 'Host and time zone of everything that was collected with it, where its logs do not know them.',
    cannotShow: 'What the tool could not copy: read its own log for that.',
    clock: 'None; the year of the collection is no year of a log.',
    builtFrom: 'generated',
    checkedOn:
      "collections of the example that a program of ours lays out as KAPE, Velociraptor and a /var/log tree do, after the tools' documentation.",
    page: 'collections',
  },
  recognise: sample => (toolOf(sample) === undefined ? 0 : 86),
  read(part, sink) {
    const lines: string[] = []
    for (const line of part.lines()) {
      if (lines.length >= 200) break
      lines.push(line.text.slice(0, 2000))
    }
    const text = lines.join('\n')
    const fields = Object.fromEntries(
      Object.entries(jsonFieldsOf(text) ?? {}).flatMap(([name, value]) => {
        const plain = plainText(value)
        return plain === undefined ? [] : [[name, plain]]
      }),
    )
    const host = part.facts.host?.toLowerCase() ?? ''
    sink.event({
      kind: 'other_activity',
      message: `collection: ${text.replaceAll(/\s+/g, ' ').slice(0, 512)}`,
      source: { evidence: part.evidence, record: 1, offset: 0 },
      time: undefined,
      host,
      series: `collection-info|${host}|${part.path}`,
      identity: contentHash(text),
      product: 'collection',
      code: '',
      original: originalFields(fields, text.slice(0, 4096)),
    })
  },
}
