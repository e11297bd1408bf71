import { expect, test } from 'vitest'
import { eventOf, severityFor } from '../../../test/record-detector.ts'
import { wmiSubscription } from './wmi-subscription.ts'

const subscribed = (command: string, code = '5861') =>
  eventOf<'scheduled_job_activity'>(
    { kind: 'scheduled_job_activity', action: 'register', name: 'root\\subscription', command },
    { product: 'wmi', code },
  )

test.each([
  [
    'runs a command',
    subscribed('Binding EventFilter: CommandLineEventConsumer.Name="up" CommandLineTemplate = "powershell -enc x"'),
    'medium',
  ],
  ['writes a log', subscribed('Binding EventFilter: LogFileEventConsumer.Name="x"'), 'low'],
  ['the one every Windows has', subscribed('NTEventLogEventConsumer="SCM Event Log Consumer"'), ''],
  ['a temporary question', subscribed('select * from Win32_ProcessStartTrace', '5860'), ''],
])('%s', (_name, event, severity) => {
  expect(severityFor(wmiSubscription, event)).toBe(severity)
})
