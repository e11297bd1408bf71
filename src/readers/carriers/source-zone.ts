import type { EvidencePart } from '../../model/index.ts'
import { type Zone, zoneOf } from './clock.ts'
import type { PartDiagnostics } from './part-diagnostics.ts'

/** The zone the facts give for an item's times; a name we do not know is UTC and said so. */
export function sourceZone(part: EvidencePart, diagnostics: PartDiagnostics): Zone {
  const zone = zoneOf(part.facts.zone)
  if (!zone.known)
    diagnostics.once(
      { number: 1, offset: part.start },
      {
        code: 'clock/unknown-zone',
        level: 'warning',
        message: `"${part.facts.zone}" is no time zone; UTC is used`,
        hint: "name it as in the IANA list or as an offset: --source 'GLOB=zone:Pacific/Guam' or zone:+10:00",
      },
    )
  return zone
}
