/**
 * The typed columns of every kind of event. One table is the source of the TypeScript types, the Parquet segments and the SQL views,
 * so a new column is one line here. `text` is '' when unknown, `int` and `real` are NULL, `flag` is NULL when not said.
 * Names of kinds follow the OCSF classes (schema.ocsf.io); durations are microseconds, sizes bytes, addresses canonical text.
 */
export type ColumnType = 'text' | 'int' | 'real' | 'flag'

/** Columns every event has, whatever its kind. */
export const commonColumns = {
  /** Evidence item the record was read from. */
  evidence: 'text',
  record: 'int',
  byteOffset: 'int',
  /** Event time, microseconds since 1970 UTC; NULL when the record has none or it is not a time. */
  time: 'int',
  /** The machine that recorded the event, lower case, as it names itself; '' when the evidence does not say. */
  host: 'text',
  /** The stream the record belongs to ("evtx|dc01.example|security", "access-log|web01|access.log"). */
  series: 'text',
  /** Hash of what makes the record the same record in another copy. */
  identity: 'int',
  /** What wrote it: "sysmon", "security", "zeek", "apache", "fortigate", "sshd" … */
  product: 'text',
  /** The product's own code: event id, Zeek log name, ASA message number. */
  code: 'text',
  /** JSON object of further times of the record, name to microseconds; '' when none. */
  alsoRecorded: 'text',
  /** The record with its field names as logged: JSON object for structured records, the line itself for text. */
  original: 'text',
  /** True for a record found in unused space of its file; NULL for all others. */
  carved: 'flag',
} as const satisfies Record<string, ColumnType>

const endpoints = {
  srcIp: 'text',
  srcPort: 'int',
  dstIp: 'text',
  dstPort: 'int',
} as const satisfies Record<string, ColumnType>

/** Columns of each kind, beside the common ones. */
export const eventColumns = {
  /** action: start, stop, access (open another process), inject, load (a module). */
  process_activity: {
    action: 'text',
    image: 'text',
    commandLine: 'text',
    pid: 'int',
    processGuid: 'text',
    parentImage: 'text',
    parentCommandLine: 'text',
    parentPid: 'int',
    parentGuid: 'text',
    /** DOMAIN\name or name, as logged. */
    user: 'text',
    logonId: 'text',
    integrity: 'text',
    originalFileName: 'text',
    hashes: 'text',
    currentDirectory: 'text',
    /** Process acted on (access, inject). */
    targetImage: 'text',
    targetPid: 'int',
    grantedAccess: 'text',
    /** File of a loaded module. */
    module: 'text',
    signer: 'text',
  },
  /**
   * action: logon, logoff, ticket, explicit (other credentials named), privileges, validate, session (opened after a log-on that has
   * its own record). outcome: success, failure.
   */
  authentication: {
    action: 'text',
    outcome: 'text',
    /** Account that logs on; DOMAIN\name, name@REALM or name, as logged. */
    user: 'text',
    /** Account that asks for it, where another. */
    subjectUser: 'text',
    /** Windows logon type (2 interactive, 3 network, 10 remote interactive …). */
    logonType: 'int',
    logonId: 'text',
    srcIp: 'text',
    srcPort: 'int',
    srcHost: 'text',
    /** Host or service asked for, where it is not the recording host. */
    target: 'text',
    /** kerberos, ntlm, password, publickey, ssl-vpn, web, console … */
    protocol: 'text',
    process: 'text',
    reason: 'text',
  },
  /** action: create, delete, enable, disable, change, password-reset, group-add, group-remove, enumerate. */
  account_change: {
    action: 'text',
    user: 'text',
    targetUser: 'text',
    group: 'text',
    logonId: 'text',
    srcIp: 'text',
    process: 'text',
  },
  /** action: flow (finished), open, close, deny, listen. src is the side that opened the connection where `initiatorKnown`. */
  network_activity: {
    action: 'text',
    protocol: 'text',
    ...endpoints,
    natSrcIp: 'text',
    natSrcPort: 'int',
    natDstIp: 'text',
    natDstPort: 'int',
    srcHost: 'text',
    dstHost: 'text',
    bytesOut: 'int',
    bytesIn: 'int',
    /** Both directions together, where the device does not tell them apart (Cisco ASA). */
    bytesTotal: 'int',
    packetsOut: 'int',
    packetsIn: 'int',
    duration: 'int',
    /** Zeek conn_state or the device's reason of closing. */
    state: 'text',
    service: 'text',
    uid: 'text',
    sensor: 'text',
    initiatorKnown: 'flag',
    /** How fine the source tells times of flows, microseconds: 1 for packets and Zeek, 1,000 for NetFlow, 1,000,000 for whole seconds. */
    timePrecision: 'int',
    /** What bytesOut and bytesIn count: payload (of TCP and UDP), ip (with IP headers), frame (with link headers). */
    bytesKind: 'text',
    /** Of so many packets the exporter looked at one; counts are as exported, not multiplied. */
    sampling: 'int',
    /** From SYN to the answer as seen at the sensor (to the side that answered), and from there to the third packet (to the side that asked); microseconds. */
    rttServer: 'int',
    rttClient: 'int',
    /** Time to live of the first packet of each side. */
    ttlOut: 'int',
    ttlIn: 'int',
    image: 'text',
    pid: 'int',
    processGuid: 'text',
    user: 'text',
    rule: 'text',
  },
  http_activity: {
    clientIp: 'text',
    method: 'text',
    /** Path without query, as sent; '-' lines give ''. */
    path: 'text',
    query: 'text',
    status: 'int',
    /** Bytes of the answer. */
    bytes: 'int',
    requestBytes: 'int',
    referrer: 'text',
    userAgent: 'text',
    user: 'text',
    virtualHost: 'text',
    serverIp: 'text',
    serverPort: 'int',
    duration: 'int',
    forwardedFor: 'text',
    uid: 'text',
    mimeType: 'text',
  },
  dns_activity: {
    srcIp: 'text',
    serverIp: 'text',
    query: 'text',
    queryType: 'text',
    responseCode: 'text',
    answers: 'text',
    image: 'text',
    uid: 'text',
  },
  dhcp_activity: { mac: 'text', assignedIp: 'text', clientName: 'text', serverIp: 'text', leaseSeconds: 'int' },
  tls_activity: {
    ...endpoints,
    serverName: 'text',
    version: 'text',
    ja3: 'text',
    ja3s: 'text',
    subject: 'text',
    issuer: 'text',
    fingerprint: 'text',
    validation: 'text',
    established: 'flag',
    uid: 'text',
  },
  /** action: create, delete, rename, write, read, permission, time-changed, stream, found (an evidence item that is itself a file of the victim). */
  file_activity: {
    action: 'text',
    path: 'text',
    image: 'text',
    pid: 'int',
    processGuid: 'text',
    user: 'text',
    hashes: 'text',
    size: 'int',
    /** Time the file carried before it was changed, or its modification time; microseconds. */
    fileTime: 'int',
    srcIp: 'text',
    dstIp: 'text',
    mimeType: 'text',
    uid: 'text',
  },
  /** action: create-key, set-value, delete, rename, read. */
  registry_activity: {
    action: 'text',
    key: 'text',
    valueName: 'text',
    value: 'text',
    image: 'text',
    pid: 'int',
    processGuid: 'text',
    user: 'text',
  },
  /** action: install, start, stop, change, crash, found (its configuration lies among the evidence; when it was put there is not known). */
  service_activity: {
    action: 'text',
    name: 'text',
    path: 'text',
    startType: 'text',
    account: 'text',
    user: 'text',
    logonId: 'text',
    srcIp: 'text',
  },
  /** action: register, update, delete, run, enable, disable, found (in a table among the evidence). */
  scheduled_job_activity: { action: 'text', name: 'text', command: 'text', user: 'text', account: 'text', logonId: 'text' },
  /** One script block or pipeline; text parts of one block share scriptBlockId. */
  script_activity: {
    engine: 'text',
    text: 'text',
    scriptPath: 'text',
    scriptBlockId: 'text',
    part: 'int',
    parts: 'int',
    user: 'text',
    pid: 'int',
    hostApplication: 'text',
  },
  /** action: session, share (tree connect), open, read, write, delete, rename, pipe (call over a named pipe). */
  smb_activity: {
    action: 'text',
    ...endpoints,
    share: 'text',
    path: 'text',
    operation: 'text',
    user: 'text',
    bytes: 'int',
    uid: 'text',
    accessMask: 'text',
  },
  /** action: connect, logon, logoff, disconnect, reconnect. */
  rdp_activity: { action: 'text', ...endpoints, user: 'text', clientName: 'text', session: 'text', result: 'text', uid: 'text' },
  ssh_activity: {
    ...endpoints,
    client: 'text',
    server: 'text',
    hassh: 'text',
    hasshServer: 'text',
    authSuccess: 'flag',
    authAttempts: 'int',
    uid: 'text',
  },
  /** VPN and other tunnels. action: up, down, assigned, failure, seen. srcIp is the outside address, assignedIp the one given inside; bytesOut came from srcIp. */
  tunnel_activity: {
    action: 'text',
    protocol: 'text',
    user: 'text',
    srcIp: 'text',
    dstIp: 'text',
    assignedIp: 'text',
    tunnelId: 'text',
    /** Where a proxy was asked to carry on to, address or name. */
    target: 'text',
    targetPort: 'int',
    bytesOut: 'int',
    bytesIn: 'int',
    duration: 'int',
    reason: 'text',
    group: 'text',
    client: 'text',
    uid: 'text',
  },
  /** action: cleared, stopped, started, policy-changed, dropped, full, blanked (records overwritten with zeros). */
  log_activity: { action: 'text', log: 'text', user: 'text', logonId: 'text', detail: 'text' },
  /**
   * action: command, set, add, delete, upload, download, restart, found (in a configuration among the evidence), state (a section of a saved
   * configuration: what is set, not that somebody set it; attribute 'device' is the device itself).
   */
  device_config: {
    action: 'text',
    user: 'text',
    srcIp: 'text',
    interface: 'text',
    object: 'text',
    attribute: 'text',
    command: 'text',
  },
  /** Another product's alert. */
  detection_finding: {
    title: 'text',
    signature: 'text',
    severity: 'int',
    category: 'text',
    ...endpoints,
    verdict: 'text',
    uid: 'text',
    user: 'text',
    path: 'text',
  },
  other_activity: { message: 'text', user: 'text', srcIp: 'text', dstIp: 'text', image: 'text', uid: 'text' },
} as const satisfies Record<string, Record<string, ColumnType>>

/**
 * What a record detector, a rule or a content detector saw in one record; stored beside the events as view `rule_hit`.
 * Lists (techniques, accounts, addresses, hosts) are joined by a line feed, which none of their values holds.
 */
export const hitColumns = {
  evidence: 'text',
  record: 'int',
  byteOffset: 'int',
  time: 'int',
  host: 'text',
  /** Witness source: barograph, sigma, yara, intel. */
  source: 'text',
  rule: 'text',
  ruleTitle: 'text',
  severity: 'text',
  confidence: 'text',
  title: 'text',
  object: 'text',
  techniques: 'text',
  accounts: 'text',
  addresses: 'text',
  hosts: 'text',
  why: 'text',
  innocent: 'text',
  succeeded: 'flag',
} as const satisfies Record<string, ColumnType>

/**
 * What correlations need of a hit of a rule they refer to; stored beside the events as view `rule_feed`. A rule that is only there to be
 * referred to may hit with every event, so nothing is kept here that its rule says as well.
 */
export const feedColumns = {
  evidence: 'text',
  record: 'int',
  byteOffset: 'int',
  time: 'int',
  host: 'text',
  rule: 'text',
  /** JSON object of the fields that are grouped, counted or added up: name to value, or list of values. */
  fields: 'text',
  accounts: 'text',
  addresses: 'text',
} as const satisfies Record<string, ColumnType>
