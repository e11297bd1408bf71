import { describe, expect, test } from 'vitest'
import { eventOf, processStart, saidBy } from '../../../test/record-detector.ts'
import { readText } from '../../../test/text-part.ts'
import type { SecurityEvent } from '../../model/index.ts'
import { reader } from '../../readers/server-config/reader.ts'
import { javaAgent } from './java-agent.ts'
import { serverModule } from './server-module.ts'

const APPCMD = 'C:\\Windows\\System32\\inetsrv\\appcmd.exe'
const start = (image: string, commandLine: string, parentImage = 'C:\\Windows\\System32\\cmd.exe') =>
  processStart({ image, commandLine, parentImage })
const wrote = (path: string, image: string) => eventOf<'file_activity'>({ kind: 'file_activity', action: 'create', path, image })
const settings = (text: string, path: string) => readText(reader, text, { path, facts: { host: 'web01.example' } }).events
const audit = (Configuration: string, Provider_Name = 'Microsoft-Windows-IIS-Configuration') =>
  eventOf<'other_activity'>(
    { kind: 'other_activity' },
    { product: 'windows', code: '29', original: { Configuration, Provider_Name, NewValue: 'Cache' } },
  )
const modules = (image: string) =>
  settings(
    `<configuration><system.webServer><globalModules>\n<add name="HttpCache" image="%windir%\\System32\\inetsrv\\cachhttp.dll" />\n<add name="Cache" image="${image}" />\n</globalModules></system.webServer></configuration>`,
    'applicationHost.config',
  )

describe('code loaded into IIS', () => {
  test.each<[string, readonly SecurityEvent[], readonly string[]]>([
    [
      'a module installed by hand',
      [start(APPCMD, 'appcmd.exe install module /name:Cache /image:C:\\Windows\\Temp\\c.dll /add:true')],
      ['medium: appcmd.exe install module /name:Cache /image:C:\\Windows\\Temp\\c.dll /add:true adds code to the web server'],
    ],
    [
      'a section of the configuration set',
      [start(APPCMD, "appcmd set config -section:system.webServer/handlers /+[name='x',path='*.gif',verb='*']")],
      [
        "medium: appcmd set config -section:system.webServer/handlers /+[name='x',path='*.gif',verb='*'] adds code to the web server",
      ],
    ],
    [
      'PowerShell',
      [eventOf<'script_activity'>({ kind: 'script_activity', text: 'New-WebGlobalModule -Name Cache -Image C:\\c.dll' })],
      ['medium: New-WebGlobalModule -Name Cache -Image C:\\c.dll adds code to the web server'],
    ],
    [
      'a library among the modules',
      [wrote('C:\\Windows\\System32\\inetsrv\\cache2.dll', 'C:\\Windows\\System32\\inetsrv\\w3wp.exe')],
      ['medium: w3wp.exe wrote cache2.dll among the modules of IIS'],
    ],
    [
      'the audit of the configuration',
      [audit('/system.webServer/globalModules/add')],
      ['medium: the configuration of IIS was given /system.webServer/globalModules/add Cache'],
    ],
    [
      'loaded from a public folder',
      modules('C:\\Users\\Public\\c.dll'),
      ['high: the web server loads C:\\Users\\Public\\c.dll as module Cache'],
    ],
    ['loaded from elsewhere', modules('D:\\tools\\c.dll'), ['medium: the web server loads D:\\tools\\c.dll as module Cache']],
    // look-alikes
    ['a product that brings its module', modules('C:\\Program Files\\IIS\\Rewrite\\rewrite.dll'), []],
    [
      'an installer adds it',
      [start(APPCMD, 'appcmd.exe install module /name:Rewrite /image:x.dll', 'C:\\Windows\\System32\\msiexec.exe')],
      ['low: appcmd.exe install module /name:Rewrite /image:x.dll adds code to the web server'],
    ],
    ['sites listed', [start(APPCMD, 'appcmd list modules')], []],
    [
      'an update of Windows',
      [wrote('C:\\Windows\\System32\\inetsrv\\iiscore.dll', 'C:\\Windows\\servicing\\TrustedInstaller.exe')],
      [],
    ],
    ['another setting', [audit('/system.applicationHost/sites/site[@name="a"]')], []],
    ['event 29 of somebody else', [audit('/system.webServer/modules/add', 'Other')], []],
  ])('%s', (_name, events, found) => {
    expect(events.map(event => saidBy(serverModule, event)).filter(said => said !== '')).toEqual(found)
  })
})

describe('agents in a Java server', () => {
  const TOMCAT = '/opt/tomcat/jre/bin/java'
  test.each<[string, readonly SecurityEvent[], readonly string[]]>([
    [
      'an agent under the name of a picture',
      [start(TOMCAT, 'java -javaagent:/tmp/VersaTest.png -cp bootstrap.jar org.apache.catalina.startup.Bootstrap start')],
      ['high: java loads the agent /tmp/VersaTest.png, from a folder everybody can write to, which is not named like one'],
    ],
    [
      'in the start file of Tomcat',
      settings('#!/bin/sh\nexport CATALINA_OPTS="-Xmx2g -javaagent:/dev/shm/a.jar"\n', 'bin/setenv.sh'),
      ['high: CATALINA_OPTS of the server loads the agent /dev/shm/a.jar, from a folder everybody can write to'],
    ],
    [
      'an agent nobody knows',
      settings('set "JAVA_OPTS=-javaagent:D:\\app\\lib\\hook.jar"\r\n', 'bin/setenv.bat'),
      ['low: JAVA_OPTS of the server loads the agent D:\\app\\lib\\hook.jar'],
    ],
    [
      'attached while it runs',
      [wrote('/tmp/.java_pid4711', TOMCAT)],
      ['low: something attached to a running Java (/tmp/.java_pid4711)'],
    ],
    [
      'what it steals',
      [wrote('/tmp/.temp.data', TOMCAT)],
      ['medium: java, a web server, writes the hidden file /tmp/.temp.data'],
    ],
    // look-alikes
    ['a measuring agent', [start(TOMCAT, 'java -javaagent:/opt/elastic/elastic-apm-agent-1.43.jar -jar app.war')], []],
    ['measuring in the start file', settings('CATALINA_OPTS="-javaagent:/opt/newrelic/newrelic.jar"\n', 'bin/setenv.sh'), []],
    ['an agent of a test run', [start('/usr/bin/python3', 'python3 run.py -javaagent:/tmp/x.jar')], []],
    ['a hidden file of a user', [wrote('/tmp/.cache-ann', '/usr/bin/vim')], []],
    ['a lock of a library', [wrote('/tmp/.nfs0001', TOMCAT)], []],
  ])('%s', (_name, events, found) => {
    expect(events.map(event => saidBy(javaAgent, event)).filter(said => said !== '')).toEqual(found)
  })
})
