import type { EventKind } from '../model/index.ts'

/** SQL expressions that tell an event in one line: what was done, by whom, from where, with or to what. */
interface EventLine {
  readonly action: string
  readonly account: string
  readonly address: string
  readonly object: string
}

const pair = "concat_ws(' -> ', nullif(\"srcIp\", ''), nullif(\"dstIp\", ''))"
/** The first of the columns that is not empty. */
const first = (...columns: readonly string[]) => `coalesce(${columns.map(column => `nullif("${column}", '')`).join(', ')}, '')`

/** One line for each kind of event; the compiler asks for a new kind's here. */
const eventLines: Readonly<Record<EventKind, EventLine>> = {
  process_activity: { action: 'action', account: '"user"', address: `''`, object: first('targetImage', 'commandLine', 'image') },
  authentication: {
    action: `concat_ws(' ', action, outcome)`,
    account: '"user"',
    address: '"srcIp"',
    object: first('target', 'protocol'),
  },
  account_change: { action: 'action', account: '"user"', address: '"srcIp"', object: `concat_ws(' ', "targetUser", "group")` },
  network_activity: {
    action: `concat_ws(' ', action, protocol)`,
    account: '"user"',
    address: pair,
    object: `concat_ws(' ', "dstPort", nullif(service, ''), nullif(image, ''))`,
  },
  http_activity: {
    action: `concat_ws(' ', method, status)`,
    account: '"user"',
    address: '"clientIp"',
    object: `concat_ws('?', "path", nullif(query, ''))`,
  },
  dns_activity: {
    action: '"queryType"',
    account: `''`,
    address: '"srcIp"',
    object: `concat_ws(' ', query, nullif(answers, ''))`,
  },
  dhcp_activity: { action: `'lease'`, account: `''`, address: '"assignedIp"', object: `concat_ws(' ', mac, "clientName")` },
  tls_activity: { action: 'version', account: `''`, address: pair, object: first('serverName', 'subject') },
  file_activity: { action: 'action', account: '"user"', address: first('srcIp', 'dstIp'), object: '"path"' },
  registry_activity: {
    action: 'action',
    account: '"user"',
    address: `''`,
    object: `concat_ws(' ', key, nullif("valueName", ''), nullif("value", ''))`,
  },
  service_activity: {
    action: 'action',
    account: first('user', 'account'),
    address: '"srcIp"',
    object: `concat_ws(' ', name, nullif("path", ''))`,
  },
  scheduled_job_activity: {
    action: 'action',
    account: first('user', 'account'),
    address: `''`,
    object: `concat_ws(' ', nullif(name, ''), nullif(command, ''))`,
  },
  script_activity: { action: 'engine', account: '"user"', address: `''`, object: first('scriptPath', 'text') },
  smb_activity: {
    action: 'action',
    account: '"user"',
    address: pair,
    object: `concat_ws('\\', nullif(share, ''), nullif("path", ''))`,
  },
  rdp_activity: { action: 'action', account: '"user"', address: '"srcIp"', object: first('clientName', 'session') },
  ssh_activity: { action: `'session'`, account: `''`, address: pair, object: first('client', 'server') },
  tunnel_activity: {
    action: `concat_ws(' ', action, protocol)`,
    account: '"user"',
    address: '"srcIp"',
    object: `concat_ws(' ', nullif("assignedIp", ''), nullif(reason, ''))`,
  },
  log_activity: { action: 'action', account: '"user"', address: `''`, object: `concat_ws(' ', log, nullif(detail, ''))` },
  device_config: { action: 'action', account: '"user"', address: '"srcIp"', object: first('command', 'object') },
  detection_finding: { action: `'alert'`, account: '"user"', address: pair, object: first('title', 'signature') },
  other_activity: { action: `''`, account: '"user"', address: first('srcIp', 'dstIp'), object: first('message', 'image') },
}

/** Events of all kinds as rows of one shape, for lists over everything; `where` may name common columns. */
export function everyEvent(more: readonly string[], where: (kind: EventKind) => string): string {
  const kinds = Object.entries(eventLines) as readonly (readonly [EventKind, EventLine])[]
  return kinds
    .map(([kind, { action, account, address, object }]) => {
      const columns = [
        `'${kind}' as kind`,
        `${action} as action`,
        `${account} as account`,
        `${address} as address`,
        `${object} as object`,
      ]
      return `select "time", host, evidence, record, "byteOffset", product, code, carved, ${[...columns, ...more].join(', ')} from main.${kind} where ${where(kind)}`
    })
    .join('\nunion all\n')
}
