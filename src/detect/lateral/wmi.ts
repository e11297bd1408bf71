import { discoveryCommand, isShell, isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { sharePlace } from './share-place.ts'

/** Impacket's wmiexec, smbexec, dcomexec: output goes to a file \\127.0.0.1\ADMIN$\__TIME on the target (AA23-144A). */
const IMPACKET = /(?:1?> ?\\\\127\.0\.0\.1\\(?:admin\$|c\$)\\|\\\\127\.0\.0\.1\\admin\$\\__\d+)/
const NODE = /\bwmic(?:\.exe)? .*\/node:(?:@)?([^\s,]+)/
const CREATE =
  /\bprocess call create\b|\binvoke-(?:wmimethod|cimmethod)\b.*(?:-class|-classname) win32_process\b|\[wmiclass\].*win32_process.*create/
/** What `CREATE` cannot do without, with the characters between that shells drop: most scripts need not be made plain. */
const MAY_CREATE = /2["'^`\u201c\u201d]*_|s["'^`\u201c\u201d]*\s[\s"'^`\u201c\u201d]*c["'^`\u201c\u201d]*a["'^`\u201c\u201d]*l/i
/** Processes the WMI provider host starts on machines that are managed: agents, installers, error reporting. */
const MANAGED =
  /^(?:wermgr|werfault|msiexec|unsecapp|mofcomp|ccmexec|ccmsetup|scrcons|conhost|winrshost|wuauclt|taskhostw|gpupdate|mscorsvw|ngen|dismhost|sppsvc)\.exe$/

/** Installed products; a program that lies elsewhere was brought. */
const INSTALLED = /^[a-z]:\\(?:program files(?: \(x86\))?|windows\\(?:ccm|ccmsetup|installer|microsoft\.net))\\/i

/** A command is run on another machine through WMI; both ends look different. */
export const wmiExecution: RecordDetector<'process_activity' | 'script_activity' | 'file_activity' | 'smb_activity'> = {
  on: 'record',
  id: 'lateral/wmi',
  title: 'Remote execution through WMI',
  reads: ['process_activity', 'script_activity', 'file_activity', 'smb_activity'],
  techniques: ['T1047'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'WMI runs commands elsewhere with nothing installed; on the target the provider host becomes the parent of the command.',
  innocent: 'software distribution and monitoring run commands through WMI with a service account, from fixed servers',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? started(event) : undefined
      case 'script_activity':
        return MAY_CREATE.test(event.text ?? '') && CREATE.test(plainCommand(event.text ?? ''))
          ? {
              title: `A script starts a process through WMI: ${shortCommand(event.text ?? '')}`,
              object: 'wmi client',
              severity: 'low',
            }
          : undefined
      default:
        return outputFile(event)
    }
  },
}

function started(process: EventOf<'process_activity'>): Match | undefined {
  const line = process.commandLine ?? ''
  if (line.includes('127.0.0.1') && IMPACKET.test(plainCommand(line)))
    return {
      title: `Remote shell that writes its output to ADMIN$: ${shortCommand(line)}`,
      object: 'wmi remote shell',
      severity: 'high',
      techniques: ['T1047', 'T1021.002', 'T1059.003'],
    }
  if (fileNameOf(process.parentImage ?? '') === 'wmiprvse.exe') return childOfProvider(process)
  if (!/wmic|wmimethod|cimmethod|wmiclass/i.test(line)) return undefined
  return client(line)
}

function childOfProvider(process: EventOf<'process_activity'>): Match | undefined {
  const image = process.image ?? ''
  const name = fileNameOf(image)
  if (MANAGED.test(name)) return undefined
  const line = process.commandLine || image
  const plain = plainCommand(line)
  // an agent's own service account, not a person
  const machine = /^nt authority\\/i.test(process.user ?? '')
  const telling =
    isShell(image) ||
    isUserWritablePath(image) ||
    discoveryCommand(line) !== undefined ||
    /\b(?:ntdsutil|rundll32|reg|net1?|vssadmin)(?:\.exe)?\b/.test(plain)
  return {
    title: `WMI started ${shortCommand(line)}`,
    object: 'wmi remote shell',
    severity: machine ? 'low' : telling || !INSTALLED.test(image) ? 'medium' : 'low',
  }
}

function client(line: string): Match | undefined {
  const plain = plainCommand(line)
  const node = NODE.exec(plain)?.[1]
  const local = node === undefined || /^(?:localhost|127\.0\.0\.1|\.)$/.test(node)
  if (CREATE.test(plain))
    return {
      title: `WMI asked to start a process${local ? '' : ` on ${node}`}: ${shortCommand(line)}`,
      object: local ? 'wmi client' : `wmi ${node}`,
      severity: local ? 'low' : 'medium',
    }
  return local ? undefined : { title: `WMI asked ${node}: ${shortCommand(line)}`, object: `wmi ${node}`, severity: 'low' }
}

function outputFile(event: EventOf<'file_activity' | 'smb_activity'>): Match | undefined {
  const path = event.path ?? ''
  if (!/(?:^|\\)(?:windows\\)?__1\d{9}(?:\.\d+)?$/i.test(path)) return undefined
  if (event.kind === 'smb_activity' && !/admin\$$|c\$$/i.test(event.share ?? '')) return undefined
  const from = event.srcIp ? ` from ${event.srcIp}` : ''
  return {
    title: `Output file of a remote shell${from}: ${path}`,
    object: 'wmi remote shell',
    severity: 'high',
    techniques: ['T1047', 'T1021.002'],
    ...(event.kind === 'smb_activity' ? sharePlace(event) : {}),
  }
}
