import type { Evidence } from './evidence.ts'
import { vpnSession } from './vpn.ts'
import * as events from './windows-events.ts'
import { at, HOUR, MINUTE, SECOND, type World } from './world.ts'

/** Where the page the intruder leaves is found in the web root. */
export const SHELL_PAGE = '/support/files/iisstat.aspx'
const SHELL_FILE = 'C:\\inetpub\\wwwroot\\support\\files\\iisstat.aspx'
const ARCHIVE_PAGE = '/support/files/lock.lic'
const WORKER = 'C:\\Windows\\System32\\inetsrv\\w3wp.exe'
const WORKER_COMMAND = 'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "DefaultAppPool" -v "v4.0" -l "webengine4.dll"'
const POOL = 'IIS APPPOOL\\DefaultAppPool'
const CMD = 'C:\\Windows\\System32\\cmd.exe'
const AGENT = 'Mozilla/5.0 (Windows NT 6.1; WOW64; rv:68.0) Gecko/20100101 Firefox/68.0'

/**
 * The planted story, in order: upload, web shell, discovery, port proxy, VPN log-in with a stolen account, directory database, copy to
 * the web server, download of the copy, engineering workstation, log cleared, long outgoing tunnel. A scan from an address of its own
 * goes before it and must stay noise.
 */
export function intrusion(world: World, evidence: Evidence): void {
  scan(world, evidence)
  webShell(world, evidence)
  portProxy(world, evidence)
  stolenAccount(world, evidence)
  directoryDatabase(world, evidence)
  plant(world, evidence)
  clearedLog(world, evidence)
  tunnel(world, evidence)
}

function scan(world: World, evidence: Evidence): void {
  const start = at(world, 7, '02:40')
  for (let index = 0; index < 320; index++)
    evidence.web.push({
      time: start + index * 700,
      client: world.scanner,
      method: 'GET',
      path: `/${['admin', 'backup', 'test', 'old', 'cgi-bin', 'portal', 'api', 'owa'][index % 8]}/${world.random.hex(5)}.${['aspx', 'php', 'jsp', 'bak'][index % 4]}`,
      query: '-',
      status: index === 17 ? 200 : 404,
      bytes: 1_245,
      requestBytes: 310,
      agent: 'Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)',
      referrer: '-',
      user: '-',
      milliseconds: 4,
    })
}

function page(
  world: World,
  evidence: Evidence,
  time: number,
  client: string,
  method: string,
  path: string,
  bytes: number,
  requestBytes: number,
): void {
  evidence.web.push({
    time,
    client,
    method,
    path,
    query: '-',
    status: 200,
    bytes,
    requestBytes,
    agent: AGENT,
    referrer: '-',
    user: '-',
    milliseconds: world.random.int(40, 2_400),
  })
}

function webShell(world: World, evidence: Evidence): void {
  const { web } = world.machines
  const [relay] = world.relays
  const drop = at(world, 8, '22:41:04')
  page(world, evidence, drop, relay, 'GET', '/support/upload.aspx', 5_210, 402)
  page(world, evidence, drop + 21 * SECOND, relay, 'POST', '/support/upload.aspx', 5_402, 6_912)
  evidence.windows.push(events.sysmonFile(web, drop + 21 * SECOND + 300, POOL, WORKER, 4312, SHELL_FILE))
  page(world, evidence, drop + 70 * SECOND, relay, 'GET', SHELL_PAGE, 1_184, 398)
  evidence.windows.push(
    events.sysmonProcess(web, drop + 70 * SECOND + 500, POOL, {
      image: 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\csc.exe',
      commandLine:
        '"C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\csc.exe" /t:library /utf8output /noconfig @"C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\e22c2559\\92c7e946\\zt0w.cmdline"',
      parentImage: WORKER,
      parentCommandLine: WORKER_COMMAND,
      pid: 7012,
      parentPid: 4312,
    }),
  )
  evidence.connect({
    time: drop - SECOND,
    source: relay,
    target: web.ip,
    targetPort: 443,
    service: 'ssl',
    seconds: 2_700,
    bytesOut: 96_000,
    bytesIn: 1_480_000,
    edge: 'in',
  })

  const commands = [
    'whoami /all',
    'ipconfig /all',
    'tasklist /v',
    'netstat -ano',
    'net group "domain admins" /domain',
    `nltest /dclist:${world.domain}`,
    'wmic path win32_logicaldisk get caption,filesystem,freespace,size,volumename',
    'systeminfo',
    'dir C:\\inetpub\\wwwroot\\support\\files',
    'quser',
    'reg query hklm\\software\\OpenSSH',
    'wevtutil qe security /rd:true /f:text /c:40 /q:*[System[(EventID=4624)]]',
  ]
  for (const [index, command] of commands.entries())
    runThroughShell(world, evidence, drop + 3 * MINUTE + index * 97 * SECOND, command)
}

/** One POST to the shell, the cmd.exe that the worker starts for it, and the tool that cmd.exe starts. */
function runThroughShell(world: World, evidence: Evidence, time: number, command: string): void {
  const { web } = world.machines
  const [relay] = world.relays
  const pid = world.random.int(2_000, 9_000)
  const tool = command.split(' ')[0] ?? ''
  page(world, evidence, time, relay, 'POST', SHELL_PAGE, world.random.int(400, 92_000), world.random.int(900, 1_600))
  evidence.windows.push(
    events.sysmonProcess(web, time + 120, POOL, {
      image: CMD,
      commandLine: `"cmd.exe" /C "${command}"`,
      parentImage: WORKER,
      parentCommandLine: WORKER_COMMAND,
      pid,
      parentPid: 4312,
      originalFileName: 'Cmd.Exe',
    }),
  )
  if (!['dir', 'type'].includes(tool))
    evidence.windows.push(
      events.sysmonProcess(web, time + 190, POOL, {
        image: tool === 'wmic' ? 'C:\\Windows\\System32\\wbem\\WMIC.exe' : `C:\\Windows\\System32\\${tool}.exe`,
        commandLine: command,
        parentImage: CMD,
        parentCommandLine: `"cmd.exe" /C "${command}"`,
        pid: pid + 8,
        parentPid: pid,
      }),
    )
}

function portProxy(world: World, evidence: Evidence): void {
  const { web, dc } = world.machines
  const time = at(world, 8, '23:12:30')
  runThroughShell(
    world,
    evidence,
    time,
    `netsh interface portproxy add v4tov4 listenport=9999 listenaddress=0.0.0.0 connectport=3389 connectaddress=${dc.ip}`,
  )
  evidence.windows.push(
    events.sysmonRegistry(
      web,
      time + 600,
      'NT AUTHORITY\\SYSTEM',
      'C:\\Windows\\System32\\netsh.exe',
      6_420,
      'HKLM\\System\\CurrentControlSet\\Services\\PortProxy\\v4tov4\\tcp\\0.0.0.0/9999',
      `${dc.ip}/3389`,
    ),
  )
}

function stolenAccount(world: World, evidence: Evidence): void {
  const { dc, web } = world.machines
  const [, relay] = world.relays
  const assigned = `${world.vpnPool}.77`
  const person = world.stolen
  const actor: events.Actor = { account: person.account, domain: world.netbios, sid: person.sid, logonId: '0x5d1f3a2' }
  const time = at(world, 9, '01:30:12')
  vpnSession(world, evidence, time, person, relay, assigned, 95 * MINUTE, () => {})
  const session = at(world, 9, '01:36:40')
  evidence.connect({
    time: session - SECOND,
    source: assigned,
    target: dc.ip,
    targetPort: 3389,
    service: 'rdp',
    seconds: 4_100,
    bytesOut: 900_000,
    bytesIn: 18_000_000,
  })
  evidence.connect({
    time: session - 3 * MINUTE,
    source: assigned,
    target: web.ip,
    targetPort: 445,
    service: 'gssapi,smb',
    seconds: 6,
    bytesOut: 2_000,
    bytesIn: 1_500,
  })
  evidence.windows.push(
    events.ticket(dc, session - 2 * SECOND, person.account, world.domain.toUpperCase(), assigned),
    events.logon(dc, session, actor, 10, { ip: assigned, port: 51_022, host: dc.short.toUpperCase() }, 'Negotiate'),
    events.privileges(dc, session + 10, actor),
  )
}

function directoryDatabase(world: World, evidence: Evidence): void {
  const { dc, web } = world.machines
  const [relay] = world.relays
  const person = world.stolen
  const actor: events.Actor = { account: person.account, domain: world.netbios, sid: person.sid, logonId: '0x5d1f3a2' }
  const time = at(world, 9, '01:44:05')
  const folder = 'C:\\Windows\\Temp\\pro'
  evidence.windows.push(
    events.process4688(dc, time, actor, {
      image: CMD,
      commandLine: 'cmd.exe',
      parentImage: 'C:\\Windows\\explorer.exe',
      pid: 5_512,
      parentPid: 5_120,
    }),
    events.process4688(dc, time + 20 * SECOND, actor, {
      image: 'C:\\Windows\\System32\\ntdsutil.exe',
      commandLine: `ntdsutil "ac i ntds" ifm "create full ${folder}" q q`,
      parentImage: CMD,
      pid: 5_640,
      parentPid: 5_512,
    }),
    events.serviceState(dc, time + 21 * SECOND, 'Volume Shadow Copy', 'running'),
    events.esent(dc, time + 26 * SECOND, 216, '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy9\\Windows\\NTDS\\ntds.dit'),
    events.esent(dc, time + 31 * SECOND, 325, `${folder}\\Active Directory\\ntds.dit`),
    events.esent(dc, time + 32 * SECOND, 326, `${folder}\\Active Directory\\ntds.dit`),
    events.esent(dc, time + 58 * SECOND, 327, `${folder}\\Active Directory\\ntds.dit`),
    events.process4688(dc, time + 5 * MINUTE, actor, {
      image: 'C:\\Windows\\Temp\\ronf.exe',
      commandLine: `ronf.exe a -hpOpenSesame -v40m C:\\Windows\\Temp\\lock.lic ${folder}`,
      parentImage: CMD,
      pid: 5_702,
      parentPid: 5_512,
    }),
    events.process4688(dc, time + 9 * MINUTE, actor, {
      image: 'C:\\Windows\\System32\\xcopy.exe',
      commandLine: `xcopy /y C:\\Windows\\Temp\\lock.lic \\\\${web.short}\\c$\\inetpub\\wwwroot\\support\\files\\`,
      parentImage: CMD,
      pid: 5_760,
      parentPid: 5_512,
    }),
  )
  evidence.connect({
    time: time + 9 * MINUTE,
    source: dc.ip,
    target: web.ip,
    targetPort: 445,
    service: 'gssapi,smb',
    seconds: 14,
    bytesOut: 36_400_000,
    bytesIn: 41_000,
  })
  const download = at(world, 9, '02:06:18')
  page(world, evidence, download, relay, 'GET', ARCHIVE_PAGE, 36_250_112, 402)
  evidence.connect({
    time: download - SECOND,
    source: relay,
    target: web.ip,
    targetPort: 443,
    service: 'ssl',
    seconds: 61,
    bytesOut: 4_100,
    bytesIn: 36_410_000,
    edge: 'in',
  })
}

function plant(world: World, evidence: Evidence): void {
  const { dc, engineering } = world.machines
  const person = world.stolen
  const actor: events.Actor = { account: person.account, domain: world.netbios, sid: person.sid, logonId: '0x61ab07c' }
  const time = at(world, 9, '02:20:44')
  evidence.connect({
    time: time - SECOND,
    source: dc.ip,
    target: engineering.ip,
    targetPort: 3389,
    service: 'rdp',
    seconds: 960,
    bytesOut: 400_000,
    bytesIn: 7_000_000,
  })
  evidence.windows.push(
    events.logon(engineering, time, actor, 10, { ip: dc.ip, port: 50_313, host: dc.short.toUpperCase() }, 'Negotiate'),
    events.privileges(engineering, time + 12, actor),
    events.process4688(engineering, time + 2 * MINUTE, actor, {
      image: CMD,
      commandLine: 'cmd.exe',
      parentImage: 'C:\\Windows\\explorer.exe',
      pid: 3_340,
      parentPid: 3_001,
    }),
    events.process4688(engineering, time + 3 * MINUTE, actor, {
      image: 'C:\\Windows\\System32\\reg.exe',
      commandLine: 'reg query HKCU\\Software\\SimonTatham\\PuTTY\\Sessions /s',
      parentImage: CMD,
      pid: 3_388,
      parentPid: 3_340,
    }),
    events.process4688(engineering, time + 6 * MINUTE, actor, {
      image: CMD,
      commandLine:
        'cmd.exe /c dir /s "D:\\PlantView\\water" "D:\\Drawings\\relay" > C:\\Users\\Public\\Documents\\systeminfo.dat',
      parentImage: CMD,
      pid: 3_420,
      parentPid: 3_340,
    }),
    events.logoff(engineering, time + 15 * MINUTE, actor, 10),
  )
}

function clearedLog(world: World, evidence: Evidence): void {
  const { web } = world.machines
  const time = at(world, 9, '02:41:09')
  runThroughShell(world, evidence, time, 'wevtutil cl Security')
  evidence.windows.push(events.securityLogCleared(web, time + 900, events.systemOf(world, web)))
}

/** The web server keeps a session to the second relay for hours, on three nights. */
function tunnel(world: World, evidence: Evidence): void {
  const { web } = world.machines
  const [, relay] = world.relays
  const program = 'C:\\Windows\\Temp\\SMSvcService.exe'
  const start = at(world, 9, '03:02:10')
  evidence.windows.push(
    events.sysmonProcess(web, start, 'NT AUTHORITY\\SYSTEM', {
      image: program,
      commandLine: `${program} -c C:\\Windows\\Temp\\smsvc.ini`,
      parentImage: CMD,
      parentCommandLine: '"cmd.exe" /C "start C:\\Windows\\Temp\\SMSvcService.exe"',
      pid: 7_440,
      parentPid: 7_401,
      originalFileName: '-',
    }),
  )
  for (const [index, day] of [9, 10, 11].entries()) {
    const time = at(world, day, '03:02:12') + index * 7 * MINUTE
    const port = 50_700 + index
    evidence.connect({
      time,
      source: web.ip,
      sourcePort: port,
      target: relay,
      targetPort: 8443,
      service: '-',
      seconds: (9 + index) * (HOUR / SECOND),
      bytesOut: 48_000_000 + index * 9_000_000,
      bytesIn: 6_400_000,
      edge: 'out',
    })
    evidence.windows.push(
      events.sysmonConnection(
        web,
        time + 3,
        'NT AUTHORITY\\SYSTEM',
        program,
        7_440,
        { ip: web.ip, port },
        { ip: relay, port: 8443 },
      ),
    )
  }
}
