import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { isLinuxProcess, isMaintenance, isServiceAccount } from './places.ts'

const KEYS = /\/\.ssh\/authorized_keys2?$|^\/etc\/ssh\/.*authorized_keys/
/** Words that put something into the file rather than look at it. */
const WRITES =
  /(?:>>?|\btee\b(?: -\w+)*|\bsed\b.* -i\S*|\b(?:cp|mv|install|ln)\b .*) *\S*\.ssh\/authorized_keys2?\b|\becho\b.*\bssh-(?:rsa|ed25519)\b.*>>/
/** What ssh-copy-id of OpenSSH runs on the other side: an administrator adds an own key. */
const SSH_COPY_ID = /umask 0?77.*\.ssh.*cat >> \.ssh\/authorized_keys|mkdir -p \.ssh .*authorized_keys/

/** A key that opens an account is put in place. */
export const sshKeyAdded: RecordDetector<'process_activity' | 'file_activity'> = {
  on: 'record',
  id: 'linux/ssh-key-added',
  title: 'SSH key put in place',
  reads: ['process_activity', 'file_activity'],
  techniques: ['T1098.004'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Whoever has the key logs in without a password, also after all passwords are changed.',
  innocent: 'an administrator or configuration management adds a key (ssh-copy-id, cloud-init, Ansible)',
  detect: event => (event.kind === 'file_activity' ? written(event) : commanded(event)),
}

function written(file: EventOf<'file_activity'>): Match | undefined {
  const path = file.path ?? ''
  if (!/^(?:create|write|rename)$/.test(file.action ?? '') || !KEYS.test(path)) return undefined
  const image = file.image ?? ''
  const service = isServiceAccount(file.user ?? '') || isServiceAccount(ownerOf(path))
  if (isMaintenance(image) || (/^(?:sshd|sshd-session)$/.test(fileNameOf(image)) && !service)) return undefined
  const by = image === '' ? '' : ` by ${fileNameOf(image)}`
  return {
    title: `${path} was written${by}`,
    object: path,
    severity: service ? 'high' : 'medium',
    accounts: file.user ? [file.user] : [],
  }
}

function commanded(process: EventOf<'process_activity'>): Match | undefined {
  const line = process.commandLine ?? ''
  if (process.action !== 'start' || !line.includes('authorized_keys') || !isLinuxProcess(process)) return undefined
  if (isMaintenance(process.parentImage ?? '')) return undefined
  const plain = plainCommand(line)
  if (!WRITES.test(plain)) return undefined
  const service = isServiceAccount(process.user ?? '')
  return {
    title: `A key is added: ${shortCommand(line)}`,
    object: /(\S*\.ssh\/authorized_keys2?)\b/.exec(plain)?.[1] ?? 'authorized_keys',
    severity: service ? 'high' : SSH_COPY_ID.test(plain) ? 'low' : 'medium',
    accounts: process.user ? [process.user] : [],
  }
}

/** "/var/www/.ssh/…" belongs to the web server, "/home/ora/.ssh/…" to ora. */
function ownerOf(path: string): string {
  if (path.startsWith('/var/www/')) return 'www-data'
  return /\/([^/]+)\/\.ssh\//.exec(path)?.[1] ?? ''
}
