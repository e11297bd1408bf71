import { plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

/** Subscriptions every Windows has (learn.microsoft.com: the SCM event log consumer), and those of hardware vendors' managers. */
const KNOWN =
  /scm event log (?:consumer|filter)|bvt(?:consumer|filter)|tssessionevents|dellcommandpowermanager|hp\s?\w* ?bios|netevent|ntdsisam/i
const RUNS = /commandlineeventconsumer|activescripteventconsumer|commandlinetemplate|scripttext/

/** A permanent WMI subscription runs a command whenever something happens (event 5861, Sysmon 19-21). */
export const wmiSubscription: RecordDetector<'scheduled_job_activity'> = {
  on: 'record',
  id: 'living-off-land/wmi-subscription',
  title: 'Permanent WMI subscription',
  reads: 'scheduled_job_activity',
  techniques: ['T1546.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A WMI subscription starts its command without a task, service or autostart entry and survives restarts.',
  innocent: 'monitoring and power-management software of a vendor',
  detect(job) {
    if (job.product !== 'wmi' || job.code !== '5861') return undefined
    const command = job.command ?? ''
    if (KNOWN.test(`${job.name} ${command}`)) return undefined
    const runs = RUNS.test(plainCommand(command))
    return {
      title: `WMI subscription: ${shortCommand(command || (job.name ?? ''))}`,
      object: `subscription ${job.name ?? ''}`,
      severity: runs ? 'medium' : 'low',
      accounts: job.user ? [job.user] : [],
    }
  },
}
