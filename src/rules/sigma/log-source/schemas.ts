// Which fields a record of a known sort can have, so that a rule that needs another one is said to be blind instead of quiet.

const list = (names: string): readonly string[] => names.split(' ')

/** Fields every Windows event may have beside its own data, under the names rules use. */
const SYSTEM_FIELDS = list(
  'EventID EventID_Qualifiers Version Level Task Opcode Keywords TimeCreated EventRecordID Channel Computer Provider_Name Provider_Guid UserID ' +
    'Execution_ProcessID Execution_ThreadID Correlation_ActivityID Correlation_RelatedActivityID Message',
)

const PROCESS = 'RuleName UtcTime ProcessGuid ProcessId Image User'
const FILE = `${PROCESS} TargetFilename`
const REGISTRY = `${PROCESS} EventType TargetObject`
const BETWEEN = 'RuleName UtcTime SourceProcessId SourceImage TargetProcessId TargetImage SourceUser TargetUser'

/** Event data of Sysmon, schema 4.90 (`sysmon -s`), with fields of earlier schemas; the same for Sysmon for Linux. */
const SYSMON: Readonly<Record<string, string>> = {
  1: `${PROCESS} FileVersion Description Product Company OriginalFileName CommandLine CurrentDirectory LogonGuid LogonId TerminalSessionId IntegrityLevel Hashes ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser`,
  2: `${FILE} CreationUtcTime PreviousCreationUtcTime`,
  3: `${PROCESS} Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort DestinationPortName`,
  4: 'UtcTime State Version SchemaVersion EventData_Version',
  5: PROCESS,
  6: 'RuleName UtcTime ImageLoaded Hashes Signed Signature SignatureStatus',
  7: `${PROCESS} ImageLoaded FileVersion Description Product Company OriginalFileName Hashes Signed Signature SignatureStatus`,
  8: `${BETWEEN} SourceProcessGuid TargetProcessGuid NewThreadId StartAddress StartModule StartFunction`,
  9: `${PROCESS} Device`,
  10: `${BETWEEN} SourceProcessGUID SourceThreadId TargetProcessGUID GrantedAccess CallTrace`,
  11: `${FILE} CreationUtcTime`,
  12: REGISTRY,
  13: `${REGISTRY} Details`,
  14: `${REGISTRY} NewName`,
  15: `${FILE} CreationUtcTime Hash Contents`,
  16: 'UtcTime Configuration ConfigurationFileHash',
  17: `${PROCESS} EventType PipeName`,
  18: `${PROCESS} EventType PipeName`,
  19: 'RuleName EventType UtcTime Operation User EventNamespace Name Query',
  20: 'RuleName EventType UtcTime Operation User Name Type Destination',
  21: 'RuleName EventType UtcTime Operation User Consumer Filter',
  22: `${PROCESS} QueryName QueryStatus QueryResults`,
  23: `${FILE} Hashes IsExecutable Archived`,
  24: `${PROCESS} Session ClientInfo Hashes Archived`,
  25: `${PROCESS} Type`,
  26: `${FILE} Hashes IsExecutable`,
  27: `${FILE} Hashes`,
  28: `${FILE} Hashes IsExecutable`,
  29: `${FILE} Hashes`,
  255: 'UtcTime ID Description',
}

const SUBJECT = 'SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId'
const OBJECT = `${SUBJECT} ObjectServer ObjectType ObjectName HandleId AccessList AccessMask ProcessId ProcessName`

/** Event data of Security events that serve categories of Sysmon too (Microsoft Learn, "Advanced security audit policy settings"). */
const SECURITY: Readonly<Record<string, string>> = {
  4656: `${OBJECT} TransactionId AccessReason PrivilegeList RestrictedSidCount ResourceAttributes`,
  4657: `${SUBJECT} ObjectName ObjectValueName HandleId OperationType OldValueType OldValue NewValueType NewValue ProcessId ProcessName`,
  4663: `${OBJECT} ResourceAttributes`,
  4688: `${SUBJECT} NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName TargetLogonId ParentProcessName MandatoryLabel`,
  4689: `${SUBJECT} Status ProcessId ProcessName`,
  5145: `${SUBJECT} ObjectType IpAddress IpPort ShareName ShareLocalPath RelativeTargetName AccessMask AccessList AccessReason`,
  5156: 'ProcessID Application Direction SourceAddress SourcePort DestAddress DestPort Protocol InterfaceIndex FilterOrigin FilterRTID LayerName LayerRTID RemoteUserID RemoteMachineID OriginalProfile CurrentProfile IsLoopback HasRemoteDynamicKeywordAddress',
}

const sets = new Map<string, ReadonlySet<string>>()

function schemaOf(table: Readonly<Record<string, string>>, name: string, code: string): ReadonlySet<string> | undefined {
  const fields = Object.hasOwn(table, code) ? table[code] : undefined
  if (fields === undefined) return undefined
  let set = sets.get(`${name} ${code}`)
  if (!set) {
    set = new Set([...SYSTEM_FIELDS, ...list(fields)])
    sets.set(`${name} ${code}`, set)
  }
  return set
}

/** Fields a Windows event can have as logged; undefined where nobody wrote them down. */
export function windowsSchema(product: string, code: string): ReadonlySet<string> | undefined {
  if (product === 'sysmon') return schemaOf(SYSMON, product, code)
  return product === 'security' ? schemaOf(SECURITY, product, code) : undefined
}
