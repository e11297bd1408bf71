import { microsFromIso, type SecurityEvent, type SourceRef } from '../../model/index.ts'
import { windowsEvent } from '../meanings/windows.ts'
import { EventFieldsBuilder, originalOfFields } from '../meanings/windows-names.ts'
import { readEventXml } from '../meanings/windows-xml.ts'

/** Sysmon for Linux writes each event as XML into syslog (github.com/microsoft/SysmonForLinux); undefined when the message is no such event. */
export function sysmonEvent(message: string, source: SourceRef, hostIfUnsaid: string): SecurityEvent | undefined {
  if (!message.startsWith('<Event>') || !message.includes('Linux-Sysmon')) return undefined
  const builder = new EventFieldsBuilder()
  readEventXml(message, builder)
  const fields = builder.finish()
  const time = microsFromIso(fields['TimeCreated'] ?? '')
  if (fields['EventID'] === undefined || time === undefined) return undefined
  const utcTime = microsFromIso(fields['UtcTime'] ?? '')
  return windowsEvent(
    {
      original: originalOfFields(fields),
      provider: fields['Provider_Name'] ?? '',
      channel: fields['Channel'] ?? '',
      computer: fields['Computer'] ?? '',
      eventId: fields['EventID'],
      recordId: /^[1-9]\d{0,14}$/.test(fields['EventRecordID'] ?? '') ? Number(fields['EventRecordID']) : undefined,
      time,
      ...(utcTime === undefined || utcTime === time ? {} : { alsoRecorded: { UtcTime: utcTime } }),
    },
    source,
    hostIfUnsaid,
  )
}
