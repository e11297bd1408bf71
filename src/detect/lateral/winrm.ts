import { isUserWritablePath } from '../../knowledge/programs.ts'
import {
  type EventOf,
  fileNameOf,
  isLoopback,
  type Match,
  plainCommand,
  type RecordDetector,
  shortCommand,
} from '../../model/index.ts'

const HOST = /^(?:wsmprovhost|winrshost)\.exe$/
const CLIENT =
  /\b(?:enter-pssession|invoke-command|icm|new-pssession)\b.*-(?:computername|cn)\s+(\S+)|\bwinrs(?:\.exe)? .*[-/]r(?:emote)?:(\S+)/
const OWN_TOOLS = /^(?:conhost|werfault|csc|cvtres)\.exe$/

/** A PowerShell remoting or WinRS session: the host process on the target, what it starts, and the asking side. */
export const winrm: RecordDetector<'process_activity' | 'script_activity' | 'network_activity'> = {
  on: 'record',
  id: 'lateral/winrm',
  title: 'Remote session over WinRM',
  reads: ['process_activity', 'script_activity', 'network_activity'],
  techniques: ['T1021.006'],
  severity: 'low',
  confidence: 'moderate',
  why: 'WinRM gives a full shell on another machine with nothing but credentials.',
  innocent: 'remote administration and configuration management (Ansible, DSC, Server Manager) use it all day',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? started(event) : undefined
      case 'script_activity':
        return scripted(event)
      case 'network_activity':
        return connected(event)
    }
  },
}

function started(process: EventOf<'process_activity'>): Match | undefined {
  const name = fileNameOf(process.image ?? '')
  const by = process.user ? ` as ${process.user}` : ''
  const line = process.commandLine || (process.image ?? '')
  if (HOST.test(name))
    return { title: `Remote session began${by}: ${shortCommand(line)}`, object: 'winrm session', severity: 'low' }
  if (HOST.test(fileNameOf(process.parentImage ?? '')) && !OWN_TOOLS.test(name))
    return {
      title: `Remote session${by} ran ${shortCommand(line)}`,
      object: 'winrm session',
      severity: /^(?:cmd|powershell|net|whoami|reg|rundll32)\.exe$/.test(name) ? 'medium' : 'low',
    }
  return asks(line)
}

function scripted(script: EventOf<'script_activity'>): Match | undefined {
  const text = script.text ?? ''
  if (HOST.test(fileNameOf(script.hostApplication ?? '')))
    return { title: `Remote session ran a script: ${shortCommand(text)}`, object: 'winrm session', severity: 'informational' }
  // module files define the commands; a call names a computer
  const asked = text.length < LONGEST_CALL ? asks(text) : undefined
  // the PowerShell engine loaded into a program of somebody's desktop is no administrator's console
  return asked && isUserWritablePath(programOf(script.hostApplication ?? '')) ? { ...asked, severity: 'high' } : asked
}

/** Text of a call typed or sent; what is longer is a script file or a module that merely defines commands. */
const LONGEST_CALL = 2000

/** "C:\\a b\\x.exe -arg" gives the program; the host application is logged as a command line. */
function programOf(application: string): string {
  return /^"?(.+?\.exe)\b/i.exec(application)?.[1] ?? application
}

function asks(line: string): Match | undefined {
  if (!/pssession|invoke-command|\bicm\b|winrs/i.test(line)) return undefined
  const found = CLIENT.exec(plainCommand(line))
  const target = found?.[1] ?? found?.[2]
  if (target === undefined) return undefined
  // a password in the call is not how people work who can ask for it
  const clear = /convertto-securestring.*-asplaintext|[-/]p(?:assword)?:\S/i.test(line)
  return {
    title: `Remote session towards ${target}${clear ? ', password in the call' : ''}: ${shortCommand(line)}`,
    object: `winrm ${target}`,
    severity: clear ? 'medium' : 'low',
  }
}

const WINRM_PORTS = new Set([5985, 5986])

function connected(flow: EventOf<'network_activity'>): Match | undefined {
  if (
    !WINRM_PORTS.has(flow.dstPort ?? 0) ||
    flow.action === 'deny' ||
    flow.action === 'listen' ||
    isLoopback(flow.dstIp ?? '') ||
    flow.image === undefined
  )
    return undefined
  const name = fileNameOf(flow.image)
  // the collector of forwarded events listens on the same port
  if (name === '' || name === 'system' || name === 'svchost.exe') return undefined
  return {
    title: `${name} connected to WinRM at ${flow.dstIp}`,
    object: `winrm ${flow.dstIp}`,
    severity: isUserWritablePath(flow.image) ? 'medium' : 'low',
    addresses: [flow.dstIp ?? ''].filter(address => address !== ''),
  }
}
