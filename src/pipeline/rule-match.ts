import type { DetectorCard, Match, RuleHit, SecurityEvent } from '../model/index.ts'
import { fileNameOf } from '../model/index.ts'

/** What a rule's hit is about, read from the event, because a rule itself names no actors: object, accounts and addresses. */
export function matchOfRule(hit: RuleHit, event: SecurityEvent): Match {
  const { object, accounts = [], addresses = [] } = subjectOf(event)
  return {
    title: hit.ruleTitle,
    object,
    severity: hit.severity,
    techniques: hit.techniques,
    accounts: accounts.filter(text => text !== undefined && text !== ''),
    addresses: addresses.filter(text => text !== undefined && text !== ''),
  }
}

/** The card of a rule; how sure a rule of somebody else is, nobody measured. */
export function cardOfRule(hit: RuleHit): Pick<DetectorCard, 'confidence' | 'techniques' | 'why' | 'innocent'> {
  return { confidence: 'low', techniques: hit.techniques, why: hit.why, innocent: hit.innocent }
}

interface Subject {
  readonly object: string
  readonly accounts?: readonly string[]
  readonly addresses?: readonly string[]
}

function subjectOf(event: SecurityEvent): Subject {
  const text = (...values: readonly (string | undefined)[]) => values.find(value => value !== undefined && value !== '') ?? ''
  const some = (...values: readonly (string | undefined)[]) => values.map(value => value ?? '')
  switch (event.kind) {
    case 'process_activity':
      return { object: fileNameOf(text(event.targetImage, event.image)), accounts: some(event.user) }
    case 'authentication':
      return {
        object: text(event.target, event.user),
        accounts: some(event.user, event.subjectUser),
        addresses: some(event.srcIp),
      }
    case 'account_change':
      return {
        object: text(event.targetUser, event.group),
        accounts: some(event.user, event.targetUser),
        addresses: some(event.srcIp),
      }
    case 'http_activity':
      return {
        object: isRefused(event.status) ? text(event.clientIp, event.path) : text(event.path),
        accounts: some(event.user),
        addresses: some(event.clientIp),
      }
    case 'network_activity':
      return { object: text(event.image, event.dstIp), accounts: some(event.user), addresses: some(event.srcIp, event.dstIp) }
    case 'tls_activity':
    case 'ssh_activity':
      return { object: text(event.dstIp), addresses: some(event.srcIp, event.dstIp) }
    case 'dns_activity':
      return { object: text(event.query), addresses: some(event.srcIp) }
    case 'dhcp_activity':
      return { object: text(event.mac), addresses: some(event.assignedIp) }
    case 'file_activity':
      return { object: text(event.path), accounts: some(event.user), addresses: some(event.srcIp, event.dstIp) }
    case 'registry_activity':
      return { object: text(event.key), accounts: some(event.user) }
    case 'service_activity':
      return { object: text(event.name), accounts: some(event.user), addresses: some(event.srcIp) }
    case 'scheduled_job_activity':
      return { object: text(event.name, event.command), accounts: some(event.user) }
    case 'script_activity':
      return { object: text(event.scriptPath, event.scriptBlockId, event.engine), accounts: some(event.user) }
    case 'smb_activity':
      return { object: text(event.path, event.share), accounts: some(event.user), addresses: some(event.srcIp, event.dstIp) }
    case 'rdp_activity':
      return { object: text(event.clientName, event.srcIp), accounts: some(event.user), addresses: some(event.srcIp) }
    case 'tunnel_activity':
      return { object: text(event.user, event.srcIp), accounts: some(event.user), addresses: some(event.srcIp, event.assignedIp) }
    case 'log_activity':
      return { object: text(event.log), accounts: some(event.user) }
    case 'device_config':
      return { object: text(event.object, event.command), accounts: some(event.user), addresses: some(event.srcIp) }
    case 'detection_finding':
      return { object: text(event.path, event.title), accounts: some(event.user), addresses: some(event.srcIp, event.dstIp) }
    case 'other_activity':
      return {
        object: text(event.image, event.message?.slice(0, 80)),
        accounts: some(event.user),
        addresses: some(event.srcIp, event.dstIp),
      }
    default:
      return event satisfies never
  }
}

/** A request that met no page is about who asks: a scanner that tries a thousand names does one thing, not a thousand. */
function isRefused(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500
}
