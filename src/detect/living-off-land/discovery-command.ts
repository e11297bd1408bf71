import { discoveryCommand } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, isMachineAccount, type Match, type RecordDetector, shortCommand } from '../../model/index.ts'

/** Inventory and update programs ask these questions all day. */
const AGENTS =
  /^(?:svchost|services|monitoringhost|healthservice|ccmexec|senseir|msmpeng|compattelrunner|ngctw\w*|tiworker|msiexec|cscript|wscript|msexchangehmworker|msexchangehmhost|zabbix_agentd?|nscp|telegraf|salt-minion|puppet|vmtoolsd|gpscript|userinit)\.exe$/
const QUICK = /net|whoami|quser|query|nltest|ds|ldifde|csvde|adfind|dnscmd|setspn|cmdkey|wevtutil|eventlog|wmic/i

/** A person asks for accounts, groups or the domain: one record for the story, no alarm. Bursts are `living-off-land/discovery-burst`. */
export const discoveryCommandUsed: RecordDetector<'process_activity' | 'account_change'> = {
  on: 'record',
  id: 'living-off-land/discovery-command',
  title: 'Accounts, groups or domain looked up',
  reads: ['process_activity', 'account_change'],
  techniques: ['T1087'],
  severity: 'informational',
  confidence: 'low',
  why: 'An intruder who has no own tools asks Windows who is powerful here; alone it means nothing, in a chain it shows what was known.',
  innocent: 'an administrator at work, or a log-on script',
  detect(event) {
    return event.kind === 'account_change' ? enumerated(event) : asked(event)
  },
}

function asked(process: EventOf<'process_activity'>): Match | undefined {
  const line = process.commandLine ?? ''
  if (process.action !== 'start' || !QUICK.test(line)) return undefined
  if (isMachineAccount(process.user ?? '') || AGENTS.test(fileNameOf(process.parentImage ?? ''))) return undefined
  // the shell around the command would say it a second time
  if (/^(?:cmd|powershell|pwsh)\.exe$/.test(fileNameOf(process.image ?? ''))) return undefined
  const look = discoveryCommand(line)
  if (look === undefined || !(look.domain || look.technique === 'T1654')) return undefined
  return { title: `${look.tool}: ${shortCommand(line)}`, object: look.tool, techniques: [look.technique] }
}

const POWERFUL = /administrators|remote desktop users|backup operators|domain admins|enterprise admins/i

/** Event 4799 without a local program: the members were asked for over the network. */
function enumerated(change: EventOf<'account_change'>): Match | undefined {
  if (
    change.action !== 'enumerate' ||
    isMachineAccount(change.user ?? '') ||
    change.process ||
    !POWERFUL.test(change.group ?? '')
  )
    return undefined
  return {
    title: `${change.user} listed the members of ${change.group} from another machine`,
    object: 'remote group members',
    techniques: ['T1069.001'],
    severity: 'low',
  }
}
