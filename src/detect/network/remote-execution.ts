import { draftOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/** Remote calls that run something on the machine called, and what each is: [MS-SCMR], [MS-TSCH], [MS-WMI], [MS-RRP]. */
const CALLS = {
  service: '^svcctl::(?:R?CreateService(?:A|W|WOW64A|WOW64W)|R?StartService[AW]|R?ChangeServiceConfig[AW])$',
  task: '^(?:atsvc::(?:NetrJobAdd|JobAdd)|ITaskSchedulerService::SchRpc(?:RegisterTask|Run|EnableTask))$',
  wmi: '^IWbemServices::(?:ExecMethod|ExecMethodAsync|PutInstance|PutClass)$',
} as const
const RUNNABLE = '(?i)\\.(?:exe|dll|bat|cmd|ps1|vbs|js|hta|msi|sys|scr)$'
const ADMIN_SHARE = '(?i)\\\\(?:ADMIN|[A-Z])\\$$'
/** Software distribution and monitoring reach many machines by the same calls; an intruder goes from one to the next. */
const MANY_TARGETS = 10

/** One machine makes another run something: a service, task or WMI method called over the network, or a program written to an administrative share. */
export const remoteExecution: SetDetector = {
  id: 'network/remote-execution',
  title: 'Remote execution seen on the wire',
  on: 'set',
  reads: ['smb_activity'],
  techniques: ['T1021.002'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'PsExec, WMI and remote tasks are how intruders go from one Windows machine to the next with stolen credentials.',
  innocent: 'an administrator or a software distribution server that uses the same calls',
  query: sql => `
    with step as (
      select *, case
        when action = 'pipe' and ${sql.matches('operation', CALLS.service)} then 'a service'
        when action = 'pipe' and ${sql.matches('operation', CALLS.task)} then 'a scheduled task'
        when action = 'pipe' and ${sql.matches('operation', CALLS.wmi)} then 'WMI'
        when action in ('write', 'open') and ${sql.matches('share', ADMIN_SHARE)} and ${sql.matches('path', RUNNABLE)} then 'a program on an administrative share'
        else '' end as means
      from smb_activity where srcIp <> '' and dstIp <> '' and srcIp <> dstIp),
    reach as (select srcIp as source, count(distinct dstIp) as targets from step where means <> '' group by srcIp)
    select srcIp, dstIp, max(targets) as targets, ${sql.distinctList('means')} as means, ${sql.distinctList('operation', 12)} as operations,
      ${sql.distinctList('path', 12)} as paths, ${sql.distinctList('user', 5)} as users,
      count(*) as total, min("time") as firstTime, max("time") as lastTime, ${sql.records()} as refs
    from step join reach on source = srcIp
    where means <> ''
    group by srcIp, dstIp
    order by firstTime, srcIp, dstIp`,
  finding(row) {
    const source = textOf(row, 'srcIp')
    const target = textOf(row, 'dstIp')
    const means = listOf(row, 'means')
    const calls = means.filter(one => !one.startsWith('a program'))
    const manager = numberOf(row, 'targets') >= MANY_TARGETS
    return draftOf(this, {
      title: `${source} ran something on ${target} through ${means.join(' and ')}`,
      object: `${source} > ${target}`,
      // A copied program alone has not run yet.
      severity: manager || calls.length === 0 ? 'low' : 'medium',
      techniques: [
        'T1021.002',
        ...(means.includes('a service') ? ['T1569.002'] : []),
        ...(means.includes('a scheduled task') ? ['T1053.005'] : []),
        ...(means.includes('WMI') ? ['T1047'] : []),
        ...(means.some(one => one.startsWith('a program')) ? ['T1570'] : []),
      ],
      hosts: [source, target],
      accounts: listOf(row, 'users'),
      addresses: [source, target],
      why: `${this.why} Seen: ${listOf(row, 'operations').slice(0, 6).join(', ')}.${manager ? ` The source does so to ${numberOf(row, 'targets')} machines, as a management server would.` : ''}`,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: numberOf(row, 'total'),
    })
  },
}
