/** What a column of a table can mean; named after the columns of our events where there is one. */
export type Role =
  | 'time'
  | 'timeOfDay'
  | 'host'
  | 'srcIp'
  | 'srcPort'
  | 'dstIp'
  | 'dstPort'
  | 'srcHost'
  | 'dstHost'
  | 'user'
  | 'targetUser'
  | 'commandLine'
  | 'image'
  | 'pid'
  | 'parentImage'
  | 'parentCommandLine'
  | 'url'
  | 'path'
  | 'query'
  | 'method'
  | 'status'
  | 'userAgent'
  | 'referrer'
  | 'virtualHost'
  | 'dnsQuery'
  | 'bytesOut'
  | 'bytesIn'
  | 'protocol'
  | 'action'
  | 'outcome'
  | 'filePath'
  | 'hashes'
  | 'message'
  | 'eventId'
  | 'logonType'
  | 'reason'

/** How sure a name is: a name of a published schema, a usual word, a word that can mean several things. */
export type Sureness = 'certain' | 'likely' | 'unsure'

export interface KnownName {
  readonly role: Role
  readonly sureness: Sureness
}

/**
 * Names by role: first those of Elastic Common Schema 8, OCSF 1, Splunk CIM, Microsoft Sentinel (ASIM and Defender tables) and Google
 * Chronicle UDM, then usual words, then ambiguous ones. Compared in lower case without anything but letters and digits.
 */
const NAMES: Readonly<Record<Role, readonly [certain: string, likely: string, unsure: string]>> = {
  time: [
    '@timestamp _time timegenerated TimeCreated EventTime CreationTime metadata.event_timestamp EventStartTime EventEndTime event.created event.start CreationDate _indextime time_dt start_time_dt',
    'timestamp datetime date_time DateTime eventtimestamp event_time log_time logtime utctime UtcTime starttime start_time createdat created_at timestamputc Zeitstempel Zeitpunkt receivedtime generatedtime firstpacket horodatage',
    'time date ts when datum uhrzeit start created heure fecha hora',
  ],
  // Told by its values beside a column of dates, never by its name.
  timeOfDay: ['', '', ''],
  host: [
    'host.name host.hostname agent.hostname device.hostname device.name DvcHostname DeviceName dvc Computer principal.hostname observer.name winlog.computer_name dest_nt_host',
    'hostname computername computer_name machine machinename servername server_name hostfqdn devname Rechner Rechnername sensor_hostname endpoint workstation',
    'host server device node asset system',
  ],
  srcIp: [
    'source.ip client.ip src_endpoint.ip src_ip SrcIpAddr principal.ip srcip sourceip source_ip clientip client_ip SourceIp callerip caller_ip callerIpAddress c-ip remote_addr',
    'src sourceaddress source_address srcaddr saddr sourceaddr localip local_ip localaddress clientaddress client_address remoteip remote_ip remoteaddress ipaddress ip_address id.orig_h srcipaddress ip_src initiatorip attackerip fromip from_ip Quell-IP Quelladresse ip-source ip-origen adresse-ip direccionip',
    'ip address source addr remote client from',
  ],
  srcPort: [
    'source.port client.port src_endpoint.port src_port SrcPortNumber principal.port',
    'sourceport source_port sport srcport clientport client_port id.orig_p Quellport initiatorport sourceporticmptype',
    '',
  ],
  dstIp: [
    'destination.ip server.ip dst_endpoint.ip dest_ip DstIpAddr target.ip dst_ip destip destinationip destination_ip DestinationIp s-ip',
    'dest dst destinationaddress destination_address dstaddr daddr serverip server_ip id.resp_h dstipaddress ip_dst toip to_ip Ziel-IP Zieladresse responderip ip-destination ip-destino',
    'destination target to',
  ],
  dstPort: [
    'destination.port server.port dst_endpoint.port dest_port DstPortNumber target.port',
    'destinationport destination_port dport dstport destport serverport server_port id.resp_p Zielport responderport destinationporticmpcode',
    'port',
  ],
  srcHost: [
    'source.domain src_endpoint.hostname src_nt_host SrcHostname client.domain',
    'sourcehost source_host sourcehostname srchost srchostname clienthostname client_name workstationname',
    '',
  ],
  dstHost: [
    'destination.domain dst_endpoint.hostname DstHostname target.hostname dest_host',
    'destinationhost destinationhostname dsthost desthost remotehost',
    '',
  ],
  user: [
    'user.name actor.user.name src_user ActorUsername principal.user.userid SubjectUserName InitiatingProcessAccountName AccountName userPrincipalName UserPrincipalName user.email userIdentity.userName userIdentity.arn UserId UserIds',
    'user username user_name account accountname account_name login loginname userid user_id actor principal upn samaccountname cs-username identity Benutzer Benutzername Konto utilisateur usuario initiatoruser',
    'name who owner caller uid',
  ],
  targetUser: [
    'user.target.name target.user.userid TargetUsername TargetUserName target_user',
    'targetaccount target_account',
    '',
  ],
  commandLine: [
    'process.command_line process.cmd_line CommandLine ProcessCommandLine target.process.command_line TargetProcessCommandLine',
    'cmdline command_line cmd_line processcommandline commandline full_command Befehlszeile',
    'command cmd args arguments',
  ],
  image: [
    'process.executable process.file.path process_path Image NewProcessName FolderPath target.process.file.full_path TargetProcessName FileName',
    'processname process_name process.name exe executable imagepath image_path program newprocess processpath',
    'process image application app',
  ],
  pid: ['process.pid process_id ProcessId target.process.pid TargetProcessId NewProcessId', 'pid processid', ''],
  parentImage: [
    'process.parent.executable actor.process.file.path parent_process_path ParentImage InitiatingProcessFolderPath ActingProcessName InitiatingProcessFileName',
    'parentprocess parent_process parentprocessname parent_process_name parent',
    '',
  ],
  parentCommandLine: [
    'process.parent.command_line actor.process.cmd_line ParentCommandLine InitiatingProcessCommandLine ActingProcessCommandLine',
    'parentcommandline parent_command_line',
    '',
  ],
  url: [
    'url.full url.original http_request.url.url_string target.url cs-uri',
    'url uri request_url requesturl fullurl requesturi request_uri',
    'request link',
  ],
  path: ['url.path uri_path cs-uri-stem http_request.url.path', 'urlpath uristem uri_stem requestpath request_path', ''],
  query: ['url.query uri_query cs-uri-query http_request.url.query_string', 'querystring query_string uriquery', ''],
  method: [
    'http.request.method http_method HttpRequestMethod cs-method http_request.http_method network.http.method',
    'requestmethod request_method httpmethod',
    'method verb',
  ],
  status: [
    'http.response.status_code http_response.code sc-status HttpStatusCode network.http.response_code',
    'statuscode status_code httpstatus http_status responsecode response_code',
    'status code',
  ],
  userAgent: [
    'user_agent.original http_user_agent HttpUserAgent cs(User-Agent) http_request.user_agent network.http.user_agent',
    'useragent user_agent agent',
    '',
  ],
  referrer: ['http.request.referrer http_referrer HttpReferrer cs(Referer) http_request.referrer', 'referer referrer', ''],
  virtualHost: [
    'url.domain http_request.url.hostname cs-host',
    'urlhost httphost http_host vhost virtualhost site domainname',
    'domain',
  ],
  dnsQuery: [
    'dns.question.name query.hostname DnsQuery network.dns.questions.name',
    'queryname query_name dnsquery dns_query qname',
    'query',
  ],
  bytesOut: [
    'source.bytes traffic.bytes_out bytes_out SrcBytes network.sent_bytes',
    'bytessent bytes_sent sentbytes sent_bytes sentbyte bytesout srcbytes orig_bytes',
    'sent',
  ],
  bytesIn: [
    'destination.bytes traffic.bytes_in bytes_in DstBytes network.received_bytes',
    'bytesreceived bytes_received receivedbytes received_bytes rcvdbyte bytesin dstbytes resp_bytes',
    'received',
  ],
  protocol: [
    'network.transport connection_info.protocol_name transport NetworkProtocol network.ip_protocol',
    'protocol proto ipprotocol ip_protocol',
    '',
  ],
  action: [
    'event.action activity_name EventType ActionType metadata.event_type eventName operationName OperationName Operation Operations',
    'action activity eventname event_name operation methodname vendor_action deviceaction Aktion',
    'event type',
  ],
  outcome: [
    'event.outcome EventResult security_result.action',
    'outcome result Ergebnis resultstatus resulttype loginresult success authresult',
    '',
  ],
  filePath: [
    'file.path file.full_path target.file.full_path TargetFilename TargetFilePath file_path',
    'filepath filename file_name targetfile objectname',
    'file',
  ],
  hashes: ['file.hash.sha256 process.hash.sha256 file_hash SHA256 TargetFileSHA256', 'sha256 sha1 md5 hash hashes', ''],
  message: [
    'message event.original raw_data _raw RenderedDescription',
    'msg description Meldung Beschreibung details text rawmessage log_message',
    'summary info title note',
  ],
  eventId: ['event.code winlog.event_id EventID EventCode metadata.product_event_type', 'eventid event_id signature_id', ''],
  logonType: ['winlog.event_data.LogonType LogonType logon_type', '', ''],
  reason: ['event.reason EventResultDetails FailureReason', 'reason failurereason failure_reason', ''],
}

/** A sign in front belongs to the name: Splunk's `_time` is no `time`. */
const plain = (name: string) => name.toLowerCase().replace(/(?<=.)[^\p{L}\p{N}]/gu, '')

const BY_NAME: ReadonlyMap<string, KnownName> = new Map(
  (['unsure', 'likely', 'certain'] as const).flatMap((sureness, rank) =>
    Object.entries(NAMES).flatMap(([role, lists]) =>
      (lists[2 - rank] ?? '')
        .split(' ')
        .filter(Boolean)
        .map(name => [plain(name), { role: role as Role, sureness }] as const),
    ),
  ),
)

/** "TimeGenerated [UTC]", "Date (UTC)": the portals of Microsoft write the zone behind the name. */
const UTC_SUFFIX = /\s*[[(]UTC[\])]$/i

/** Does the name of the column of times say that they are UTC? */
export const saysUtc = (name: string): boolean => UTC_SUFFIX.test(name)

/** Where one end is local, the other is where it connects to; alone, a remote address is where somebody came from. */
const OTHER_END: Readonly<Record<string, KnownName>> = {
  remoteip: { role: 'dstIp', sureness: 'likely' },
  remoteaddress: { role: 'dstIp', sureness: 'likely' },
  remoteport: { role: 'dstPort', sureness: 'likely' },
  localport: { role: 'srcPort', sureness: 'likely' },
}

/** What a column of this name means among the others; undefined when its name is known nowhere. */
export function knownName(name: string, names: readonly string[] = []): KnownName | undefined {
  const word = plain(name.replace(UTC_SUFFIX, ''))
  const among = (...words: readonly string[]) => names.some(other => words.includes(plain(other)))
  if (
    Object.hasOwn(OTHER_END, word) &&
    (among('localip', 'localaddress') || (word.endsWith('port') && among('remoteip', 'remoteaddress')))
  )
    return OTHER_END[word]
  // OCSF's own name of the time is the plainest of words; its class says that it is OCSF.
  if (word === 'time' && among('classuid')) return { role: 'time', sureness: 'certain' }
  return BY_NAME.get(word)
}

/** All roles, for corrections that people write. */
export const ROLES: readonly Role[] = Object.keys(NAMES) as Role[]
