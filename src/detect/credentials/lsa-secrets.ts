import { plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const SECRETS =
  /\b(?:reg(?:\.exe)? (?:save|export|query|copy)|get-itemproperty|get-childitem|gci|gp) \S*?(?:hk(?:lm|ey_local_machine):?)\\+security\\+(policy\\+secrets|cache)\b/

/** The stored secrets of the Local Security Authority are read: service passwords, machine account, cached domain log-ons. */
export const lsaSecrets: RecordDetector<'process_activity' | 'script_activity'> = {
  on: 'record',
  id: 'credentials/lsa-secrets',
  title: 'LSA secrets or cached log-ons read from the registry',
  reads: ['process_activity', 'script_activity'],
  techniques: ['T1003.004'],
  severity: 'high',
  confidence: 'high',
  why: 'HKLM\\SECURITY\\Policy\\Secrets holds service passwords and the machine account, HKLM\\SECURITY\\Cache the last domain log-ons; only SYSTEM may read them.',
  innocent: 'a test of the own defences; no administration task needs this key',
  detect(event) {
    const line = event.kind === 'process_activity' ? (event.action === 'start' ? event.commandLine : undefined) : event.text
    if (line === undefined || !/security\\/i.test(line)) return undefined
    const key = SECRETS.exec(plainCommand(line))?.[1]
    if (key === undefined) return undefined
    const cached = key === 'cache'
    return {
      title: `${cached ? 'Cached log-ons' : 'LSA secrets'} read: ${shortCommand(line)}`,
      object: cached ? 'lsa cache' : 'lsa secrets',
      ...(cached ? { techniques: ['T1003.005'] } : {}),
    }
  },
}
