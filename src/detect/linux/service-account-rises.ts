import { type EventOf, fileNameOf, type Match, type RecordDetector, shortCommand } from '../../model/index.ts'
import { isLinuxProcess, isServiceAccount } from './places.ts'

/** The account of a server asks to become another. */
export const serviceAccountRises: RecordDetector<'process_activity' | 'authentication'> = {
  on: 'record',
  id: 'linux/service-account-rises',
  title: 'Account of a server uses su or sudo',
  reads: ['process_activity', 'authentication'],
  techniques: ['T1548.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'The account a web server runs under has no person behind it; whoever types su or sudo as it came in through the server.',
  innocent: 'a control panel or a monitoring plug-in that may run one command with sudo',
  detect: event => (event.kind === 'authentication' ? asked(event) : ran(event)),
}

function asked(entry: EventOf<'authentication'>): Match | undefined {
  if (entry.protocol !== 'su' && entry.protocol !== 'sudo') return undefined
  const who = entry.protocol === 'su' ? (entry.subjectUser ?? '') : (entry.user ?? '')
  if (!isServiceAccount(who) || entry.action === 'logoff' || entry.action === 'session') return undefined
  const outcome = entry.outcome === 'success' ? 'became' : 'tried to become'
  return {
    title: `${who} ${outcome} ${entry.protocol === 'su' ? entry.user || 'root' : 'root'} with ${entry.protocol}`,
    object: `${entry.protocol} ${who}`,
    severity: entry.outcome === 'success' ? 'high' : 'medium',
    accounts: [who],
    succeeded: entry.outcome === 'success',
  }
}

function ran(process: EventOf<'process_activity'>): Match | undefined {
  if (process.action !== 'start' || !isLinuxProcess(process)) return undefined
  const tool = fileNameOf(process.image ?? '')
  const bySudo = fileNameOf(process.parentImage ?? '') === 'sudo'
  if (!bySudo && tool !== 'sudo' && tool !== 'su') return undefined
  const parentUser = process.original.get('ParentUser') ?? ''
  const who = bySudo && isServiceAccount(parentUser) ? parentUser : (process.user ?? '')
  if (!isServiceAccount(who)) return undefined
  const line = process.commandLine ?? ''
  // Looking what one may do is what an intruder does first, and a panel never.
  const looks = /\bsudo\b.* -\w*l\b/.test(line)
  return {
    title: `${who} ran ${shortCommand(line || tool)}${bySudo ? ' with sudo' : ''}`,
    object: `${bySudo ? 'sudo' : tool} ${who}`,
    severity: looks || /(?:^|\/|\s)(?:ba|da|z)?sh\b/.test(line) || tool === 'su' ? 'high' : 'low',
    accounts: [who],
  }
}
