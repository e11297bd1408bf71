import { plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const KEYS =
  /\breg(?:\.exe)? (?:query|export|save) \S*\\software\\(simontatham|realvnc|tightvnc|openssh|martin prikryl|orl\\winvnc3)/
const BROWSER_STORE =
  /\b(?:copy|xcopy|robocopy|type|esentutl|copy-item|7z|rar)\b.*\\(?:login data|local state|logins\.json|key4\.db|cookies)\b/
const SSH_KEYS = /\b(?:copy|xcopy|type|dir|cat|copy-item|get-content)\b.*[\\/]\.ssh[\\/](?:id_\w+|known_hosts|authorized_keys)\b/

/** Saved sessions and keys of remote-access programs are looked up or copied (AA23-144A: PuTTY, RealVNC, OpenSSH; AA24-038A: browser stores). */
export const storedSessions: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'credentials/stored-sessions',
  title: 'Saved remote sessions, keys or browser passwords looked up',
  reads: 'process_activity',
  techniques: ['T1552'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Saved PuTTY, VNC and SSH sessions lead straight to routers, hypervisors and control systems; browser stores hold passwords.',
  innocent: 'an administrator moves saved sessions or a browser profile to a new machine',
  detect(process) {
    const line = process.commandLine ?? ''
    if (process.action !== 'start' || !/software\\|login data|local state|logins\.json|key4\.db|cookies|\.ssh/i.test(line))
      return undefined
    const plain = plainCommand(line)
    if (KEYS.test(plain))
      return {
        title: `Saved remote sessions read: ${shortCommand(line)}`,
        object: 'saved sessions',
        techniques: ['T1552', 'T1012'],
      }
    if (BROWSER_STORE.test(plain))
      return { title: `Browser password store copied: ${shortCommand(line)}`, object: 'browser store', techniques: ['T1555.003'] }
    if (SSH_KEYS.test(plain))
      return {
        title: `SSH keys looked up: ${shortCommand(line)}`,
        object: 'ssh keys',
        severity: 'low',
        techniques: ['T1552.004'],
      }
    return undefined
  },
}
