import { administrators } from './administrators.ts'
import type { Evidence } from './evidence.ts'
import { officeDay } from './office.ts'
import { homeWorkers } from './vpn.ts'
import { internetNoise, monitoring, visitors } from './web-traffic.ts'
import * as events from './windows-events.ts'
import { at, DAYS, type Machine, MINUTE, SECOND, type World } from './world.ts'

/** Fourteen ordinary days: visitors, staff, machines talking to machines, and the administrators whose commands look like an intruder's. */
export function background(world: World, evidence: Evidence): void {
  for (let day = 0; day < DAYS; day++) {
    visitors(world, evidence, day)
    monitoring(world, evidence, day)
    officeDay(world, evidence, day)
    homeWorkers(world, evidence, day)
    machines(world, evidence, day)
    backup(world, evidence, day)
    internetNoise(world, evidence, day)
  }
  administrators(world, evidence)
}

/** What machines do by themselves: scheduled tasks, name look-ups, time, the historian that reads the plant every few minutes. */
function machines(world: World, evidence: Evidence, day: number): void {
  const { dc, web, engineering, scada, softswitch, sensor, file } = world.machines
  for (let minute = 0; minute < 24 * 60; minute += 15) {
    const time = at(world, day, '00:00') + minute * MINUTE
    evidence.connect({
      time: time + world.random.int(0, 4000),
      source: engineering.ip,
      target: scada.ip,
      targetPort: 502,
      service: 'modbus',
      seconds: 3,
      bytesOut: 640,
      bytesIn: 2_800,
    })
    if (minute % 60 === 0) {
      evidence.connect({
        time: time + 900,
        source: web.ip,
        target: dc.ip,
        targetPort: 123,
        protocol: 'udp',
        service: 'ntp',
        seconds: 0.01,
        bytesOut: 48,
        bytesIn: 48,
      })
      evidence.connect({
        time: time + 1500,
        source: sensor.ip,
        target: softswitch.ip,
        targetPort: 161,
        protocol: 'udp',
        service: 'snmp',
        seconds: 0.2,
        bytesOut: 90,
        bytesIn: 410,
      })
    }
  }
  for (const machine of [dc, web, engineering]) scheduled(world, evidence, machine, day)
  for (let hour = 0; hour < 24; hour += 3)
    for (const machine of [web, file]) {
      const time = at(world, day, `${hour}:11`) + world.random.int(0, 5 * MINUTE)
      const actor = {
        ...events.systemOf(world, machine),
        sid: `${world.domainSid}-${machine.sidTail}`,
        logonId: `0x${world.random.hex(6)}`,
      }
      evidence.windows.push(
        events.logon(dc, time, actor, 3, { ip: machine.ip, port: 50000 + hour }),
        events.logoff(dc, time + 2 * SECOND, actor, 3),
      )
    }
  if (day % 4 === 1) {
    const time = at(world, day, '04:10')
    for (const state of ['stopped', 'running'] as const)
      evidence.windows.push(
        events.serviceState(web, time + (state === 'running' ? 8 * SECOND : 0), 'World Wide Web Publishing Service', state),
      )
  }
}

function scheduled(world: World, evidence: Evidence, machine: Machine, day: number): void {
  const system = events.systemOf(world, machine)
  for (let hour = 0; hour < 24; hour += 2) {
    const time = at(world, day, `${hour}:30`) + world.random.int(0, 4 * MINUTE)
    const start = {
      image: 'C:\\Windows\\System32\\taskhostw.exe',
      commandLine: 'taskhostw.exe Install $(Arg0)',
      parentImage: 'C:\\Windows\\System32\\svchost.exe',
      parentCommandLine: 'C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule',
      pid: world.random.int(2000, 9000),
      parentPid: 1180,
    }
    if (machine === world.machines.web) {
      evidence.windows.push(
        events.sysmonProcess(machine, time, 'NT AUTHORITY\\SYSTEM', start),
        events.logon(
          machine,
          time - SECOND,
          { ...system, account: 'SYSTEM', domain: 'NT AUTHORITY' },
          5,
          { ip: '-' },
          'Negotiate',
        ),
      )
      // ASP.NET compiles a page after each restart: the worker starts the compiler and the compiler writes temporary files.
      if (hour === 4) {
        const pool = `IIS APPPOOL\\DefaultAppPool`
        const worker = 'C:\\Windows\\System32\\inetsrv\\w3wp.exe'
        const compiler = 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\csc.exe'
        const folder = 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\e22c2559\\92c7e946'
        evidence.windows.push(
          events.sysmonProcess(machine, time + 5 * SECOND, pool, {
            image: compiler,
            commandLine: `"${compiler}" /t:library /utf8output /noconfig @"${folder}\\kq1m.cmdline"`,
            parentImage: worker,
            parentCommandLine: 'c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "DefaultAppPool" -v "v4.0"',
            pid: world.random.int(2000, 9000),
            parentPid: 4312,
          }),
          events.sysmonFile(machine, time + 6 * SECOND, pool, compiler, 3120, `${folder}\\App_Web_kq1m.dll`),
        )
      }
    } else evidence.windows.push(events.process4688(machine, time, system, start))
  }
}

/** The nightly backup: shadow copies, the directory database opened by the backup, archives with a password, all at the same hour. */
function backup(world: World, evidence: Evidence, day: number): void {
  const { dc, file } = world.machines
  const time = at(world, day, '23:30') + world.random.int(0, 60) * SECOND
  const system = events.systemOf(world, dc)
  evidence.windows.push(
    events.serviceState(dc, time, 'Volume Shadow Copy', 'running'),
    events.process4688(dc, time + 4 * SECOND, system, {
      image: 'C:\\Program Files\\Windows Server Backup\\wbengine.exe',
      commandLine: 'C:\\Windows\\system32\\wbengine.exe',
      parentImage: 'C:\\Windows\\System32\\services.exe',
      pid: world.random.int(2000, 9000),
      parentPid: 640,
    }),
    events.esent(dc, time + 9 * SECOND, 216, '\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\Windows\\NTDS\\ntds.dit'),
    events.serviceState(dc, time + 9 * MINUTE, 'Volume Shadow Copy', 'stopped'),
  )
  evidence.connect({
    time: time + MINUTE,
    source: dc.ip,
    target: file.ip,
    targetPort: 445,
    service: 'gssapi,smb',
    seconds: 420,
    bytesOut: world.random.size(240_000_000),
    bytesIn: 900_000,
  })
}
