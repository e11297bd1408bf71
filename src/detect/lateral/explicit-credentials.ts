import { bareAccountName, fileNameOf, isMachineAccount, type RecordDetector, shortHostName } from '../../model/index.ts'

/** Programs for which naming other credentials is their daily work. */
const ORDINARY =
  /^(?:svchost|winlogon|consent|lsass|services|taskhostw|mstsc|outlook|explorer|msexchange\w*|w3wp|ccmexec|mmc|servermanager|sqlservr)\.exe$/
const TELLING =
  /^(?:cmd|powershell|pwsh|wmic|wmiprvse|rundll32|psexec(?:64)?|net1?|schtasks|sc|reg|runas|wsmprovhost|java|javaw)\.exe$/

/** Somebody logged on as one account names the credentials of another for a third machine (event 4648). */
export const explicitCredentials: RecordDetector<'authentication'> = {
  on: 'record',
  id: 'lateral/explicit-credentials',
  title: 'Other credentials used towards another machine',
  reads: 'authentication',
  techniques: ['T1078'],
  severity: 'informational',
  confidence: 'low',
  why: 'A second account used from the same session towards another machine is how stolen credentials travel; it joins machines in the story.',
  innocent: 'an administrator works with a normal account and names the powerful one where it is needed',
  detect(logon) {
    if (logon.action !== 'explicit') return undefined
    const subject = logon.subjectUser ?? ''
    const user = logon.user ?? ''
    if (user === '' || isMachineAccount(user) || bareAccountName(user) === bareAccountName(subject)) return undefined
    const target = shortHostName(logon.target ?? '')
    if (target === '' || target === 'localhost' || target === shortHostName(logon.host)) return undefined
    const program = fileNameOf(logon.process ?? '')
    if (isMachineAccount(subject) && ORDINARY.test(program)) return undefined
    return {
      title: `${subject || 'an account'} used the credentials of ${user} towards ${logon.target}${program === '' ? '' : ` with ${program}`}`,
      object: `${bareAccountName(user)} to ${target}`,
      severity: TELLING.test(program) ? 'low' : 'informational',
      accounts: [subject, user].filter(name => name !== ''),
    }
  },
}
