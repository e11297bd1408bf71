/** Files of the shared collection that no reader understands, by pattern of their path, and why that is right today. */
export const UNREAD: readonly { readonly path: RegExp; readonly why: string }[] = [
  { path: /\/(?:SOURCE|README)\.md$/, why: 'a description of the set, not evidence' },
  { path: /\/[^/]*(?:LICENSE|COPYING)[^/]*$/, why: 'a licence, not evidence' },
  { path: /\/labels\.(?:json|config)$/, why: 'the truth of the set, not evidence' },
  { path: /\/auditd\/[^/]+\.golden$/, why: 'the expected output of another parser, not evidence' },
  { path: /\/jsonl\//, why: 'audit logs of cloud providers have no reader yet' },
  { path: /\.binetflow$/, why: 'Argus text flows have no reader yet' },
  { path: /\/bash_history[^/]*$/, why: 'shell histories have no reader yet' },
  { path: /\/(?:Symantec\.Log|cri\.log|vsftpd\.log|aws_elb_access\.log)$/, why: 'the format has no reader yet' },
  { path: /\/atlassian-confluence\.log$/, why: 'the application log of Confluence has no reader yet; its access log has' },
  { path: /\/(?:snort3|suricata)_alert_fast\.log$/, why: 'fast alert lines have no reader yet; EVE has' },
  { path: /\/networkminer\.pcap\.FileInfos\.csv$/, why: 'the export of another tool; general CSV has no reader yet' },
]
