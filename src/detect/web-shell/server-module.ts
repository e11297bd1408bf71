import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'
import { INSTALLERS } from './script-written.ts'

type Seen = 'process_activity' | 'script_activity' | 'file_activity' | 'device_config' | 'other_activity'

/** learn.microsoft.com: appcmd.exe; modules are installed (native), added (managed) or set as a section. */
const APPCMD =
  /\bappcmd(?:\.exe)?"? (?:install|add) module\b|\bappcmd(?:\.exe)?"? set config\b.{0,300}(?:globalmodules|\/modules|\/handlers).{0,80}\/\+/
/** learn.microsoft.com: WebAdministration and IISAdministration modules of PowerShell. */
const CMDLET =
  /\b(?:new-webglobalmodule|new-webmanagedmodule|new-webhandler|(?:add|set)-webconfiguration(?:property)?\b.{0,300}(?:globalmodules|webserver\/(?:modules|handlers)))/
/** The configuration's own audit: Microsoft-IIS-Configuration/Operational, event 29. */
const AUDITED = /\/system\.webserver\/(?:globalmodules|modules|handlers)\/add/i
/** Where Windows and products keep the native modules that IIS loads. */
const HOME = /^(?:%windir%|%systemroot%|[a-z]:\\windows)\\|^%?(?:programfiles|[a-z]:\\program files)/i
const NATIVE = /\\inetsrv\\[^\\]+\.dll$/i

/** Code is loaded into the web server itself: a module sees every request, and needs no page. */
export const serverModule: RecordDetector<Seen> = {
  on: 'record',
  id: 'web-shell/server-module',
  title: 'Module or handler added to the web server',
  reads: ['process_activity', 'script_activity', 'file_activity', 'device_config', 'other_activity'],
  techniques: ['T1505.004'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A module that the web server loads reads and answers every request, leaves no page on the disk and survives the removal of all pages.',
  innocent: 'the installation of a product or feature that brings a module (rewriting, monitoring, PHP), with its change record',
  detect(event) {
    switch (event.kind) {
      case 'process_activity':
        return event.action === 'start' ? commanded(event.commandLine, fileNameOf(event.parentImage ?? '')) : undefined
      case 'script_activity':
        return commanded(event.text, '')
      case 'file_activity':
        return written(event)
      case 'device_config':
        return configured(event)
      case 'other_activity':
        return audited(event)
    }
  },
}

function commanded(line: string | undefined, parent: string): Match | undefined {
  if (line === undefined || !/appcmd|web(?:global|managed)module|webhandler|webconfiguration/i.test(line)) return undefined
  const plain = plainCommand(line)
  if (!APPCMD.test(plain) && !CMDLET.test(plain)) return undefined
  const byInstaller = INSTALLERS.test(parent)
  return {
    title: `${shortCommand(line)} adds code to the web server`,
    object: 'modules of the web server',
    severity: byInstaller ? 'low' : 'medium',
  }
}

function written({ action, path = '', image = '' }: EventOf<'file_activity'>): Match | undefined {
  if (!/^(?:create|write|rename)$/.test(action ?? '') || !NATIVE.test(path)) return undefined
  const who = fileNameOf(image)
  if (INSTALLERS.test(who) || /^(?:poqexec|dism(?:host)?|svchost|wusa)(?:\.exe)?$/.test(who)) return undefined
  return { title: `${who || 'an unnamed process'} wrote ${fileNameOf(path)} among the modules of IIS`, object: path }
}

function configured(event: EventOf<'device_config'>): Match | undefined {
  if (event.product !== 'web-server' || event.object !== 'module') return undefined
  const file = /^\S.*?\.dll/i.exec(event.command ?? '')?.[0]
  if (file === undefined || (HOME.test(file) && !isUserWritablePath(file))) return undefined
  return {
    title: `the web server loads ${file.slice(0, 200)} as module ${event.attribute ?? ''}`,
    object: `module ${file}`,
    severity: isUserWritablePath(file) ? 'high' : 'medium',
  }
}

function audited(event: EventOf<'other_activity'>): Match | undefined {
  if (event.code !== '29') return undefined
  const said = event.original.get('Configuration') ?? ''
  if (
    !/iis-configuration/i.test(event.original.get('Provider_Name') ?? event.original.get('Channel') ?? '') ||
    !AUDITED.test(said)
  )
    return undefined
  const what = `${said} ${event.original.get('NewValue') ?? ''}`.trim().slice(0, 200)
  return { title: `the configuration of IIS was given ${what}`, object: 'modules of the web server' }
}
