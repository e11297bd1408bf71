import {
  type EventOf,
  fileNameOf,
  isLoopback,
  isMachineAccount,
  type Match,
  plainCommand,
  type RecordDetector,
  shortCommand,
} from '../../model/index.ts'
import { sharePlace } from './share-place.ts'

const RUNNABLE = /\.(?:exe|dll|bat|cmd|ps1|vbs|js|hta|msi|sys|scr|jar|aspx?|jspx?|php|war)$/i
const ADMIN_SHARE = /(?:^|\\)(?:admin|[a-z])\$$/i
const WRITE_RIGHTS = 0x2 | 0x4
const NET_USE = /\bnet1?(?:\.exe)? use (?:\S+ )?\\\\(\S+?)\\(?:(?:admin|c|d|ipc)\$)(?: (?!\/)(\S+))?/
/** What lies there can be fetched from outside. */
const WEB_FOLDER = / \\\\[^\\\s]+\\[a-z]\$\\\S*\\?(?:inetpub|wwwroot|htdocs|webapps|httpproxy)\\/
const COPY_TO = /\b(?:copy|xcopy|robocopy|move|copy-item)\b.* \\\\([^\\\s]+)\\(?:admin|[a-z])\$\\\S*/

/** A program is put on another machine over an administrative share, or such a share is connected by command. */
export const adminShareFile: RecordDetector<'smb_activity' | 'process_activity'> = {
  on: 'record',
  id: 'lateral/admin-share-file',
  title: 'Program copied over an administrative share',
  reads: ['smb_activity', 'process_activity'],
  techniques: ['T1021.002', 'T1570'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Tools and web shells are carried from machine to machine over C$ and ADMIN$ before they are started there.',
  innocent: 'software distribution, or an administrator who copies a tool by hand',
  detect(event) {
    return event.kind === 'smb_activity'
      ? written(event)
      : event.action === 'start'
        ? commanded(event.commandLine ?? '')
        : undefined
  },
}

function written(share: EventOf<'smb_activity'>): Match | undefined {
  if (!ADMIN_SHARE.test(share.share ?? '') || !RUNNABLE.test(share.path ?? '')) return undefined
  if (share.action !== 'write' && !((Number.parseInt(share.accessMask ?? '', 16) || 0) & WRITE_RIGHTS)) return undefined
  // a computer account installs by group policy or distribution
  const machine = isMachineAccount(share.user ?? '')
  if (machine && isLoopback(share.srcIp ?? '')) return undefined
  return {
    title: `${share.user || 'an account'} from ${share.srcIp || 'another host'} wrote ${fileNameOf(share.path ?? '')} to ${share.share}\\${share.path}`,
    object: share.path ?? '',
    severity: machine ? 'low' : 'medium',
    ...sharePlace(share),
  }
}

function commanded(line: string): Match | undefined {
  if (!line.includes('$') || !line.includes('\\\\')) return undefined
  const plain = plainCommand(line)
  const [, host, password] = NET_USE.exec(plain) ?? []
  if (host !== undefined)
    return {
      title: `Administrative share of ${host} connected: ${shortCommand(line)}`,
      object: `share of ${host}`,
      techniques: ['T1021.002'],
      severity: password === undefined || password === '*' ? 'low' : 'medium',
    }
  const target = COPY_TO.exec(plain)?.[1]
  const served = WEB_FOLDER.test(plain)
  return target === undefined
    ? undefined
    : {
        title: `File copied to ${served ? 'a published folder' : 'an administrative share'} of ${target}: ${shortCommand(line)}`,
        object: `share of ${target}`,
        severity: served || RUNNABLE.test(plain.replaceAll(/ \\\\\S+$/g, '')) ? 'medium' : 'low',
        ...(served ? { techniques: ['T1021.002', 'T1570', 'T1074.002'] } : {}),
      }
}
