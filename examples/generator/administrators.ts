import type { Evidence } from './evidence.ts'
import { actorOf } from './office.ts'
import * as events from './windows-events.ts'
import { at, DAYS, HOUR, MINUTE, SECOND, type World } from './world.ts'

/** Honest administration that uses the same commands: each of these must stay at low or below. */
export function administrators(world: World, evidence: Evidence): void {
  const admin = world.people[0]
  const { dc, web, engineering, firewall } = world.machines
  for (const day of [1, 2, 4, 7, 9, 11]) {
    const actor = actorOf(world, admin)
    const time = at(world, day, '10:15') + world.random.int(0, 3 * HOUR)
    const shell = { parentImage: 'C:\\Windows\\explorer.exe', pid: world.random.int(2000, 9000), parentPid: 5120 }
    evidence.windows.push(
      events.logon(
        dc,
        time - 2 * MINUTE,
        actor,
        10,
        { ip: admin.desk.ip, port: 55020, host: admin.desk.short.toUpperCase() },
        'Negotiate',
      ),
      events.privileges(dc, time - 2 * MINUTE + 20, actor),
      events.process4688(dc, time, actor, {
        ...shell,
        image: 'C:\\Windows\\System32\\cmd.exe',
        commandLine: '"C:\\Windows\\system32\\cmd.exe"',
      }),
    )
    evidence.connect({
      time: time - 2 * MINUTE - SECOND,
      source: admin.desk.ip,
      target: dc.ip,
      targetPort: 3389,
      service: 'rdp',
      seconds: 1500,
      bytesOut: 300_000,
      bytesIn: 4_000_000,
    })
    const commands = [
      ['C:\\Windows\\System32\\ipconfig.exe', 'ipconfig /all'],
      ['C:\\Windows\\System32\\net.exe', `net group "Domain Admins" /domain`],
      ['C:\\Windows\\System32\\nltest.exe', `nltest /dclist:${world.domain}`],
      ['C:\\Windows\\System32\\dcdiag.exe', 'dcdiag /q'],
      ['C:\\Windows\\System32\\repadmin.exe', 'repadmin /replsummary'],
    ] as const
    for (const [index, [image, commandLine]] of world.random.sample(commands, 3).entries())
      evidence.windows.push(
        events.process4688(dc, time + (index + 1) * 4 * MINUTE, actor, {
          image,
          commandLine,
          parentImage: 'C:\\Windows\\System32\\cmd.exe',
          pid: world.random.int(2000, 9000),
          parentPid: shell.pid,
        }),
      )
    evidence.windows.push(events.logoff(dc, time + 24 * MINUTE, actor, 10))
  }
  // The web editor's deployment copies pages with the deployment tool, by day.
  for (const day of [2, 6, 12])
    evidence.windows.push(
      events.sysmonFile(
        web,
        at(world, day, '11:02'),
        `${world.netbios}\\${admin.account}`,
        'C:\\Program Files\\IIS\\Microsoft Web Deploy V3\\msdeploy.exe',
        6120,
        'C:\\inetpub\\wwwroot\\outages.aspx',
      ),
    )
  // An engineer works on the plant's workstation by day, from his own desk.
  const engineer = world.people[5] ?? admin
  for (let day = 0; day < DAYS; day++) {
    if ([5, 6].includes(day % 7)) continue
    const actor = actorOf(world, engineer)
    const time = at(world, day, '08:50') + world.random.int(0, 40 * MINUTE)
    evidence.windows.push(
      events.logon(
        engineering,
        time,
        actor,
        10,
        { ip: engineer.desk.ip, port: 54010, host: engineer.desk.short.toUpperCase() },
        'Negotiate',
      ),
      events.process4688(engineering, time + 30 * SECOND, actor, {
        image: 'C:\\Program Files\\PlantView\\designer.exe',
        commandLine: '"C:\\Program Files\\PlantView\\designer.exe" /project water.pvw',
        parentImage: 'C:\\Windows\\explorer.exe',
        pid: world.random.int(2000, 9000),
        parentPid: 4880,
      }),
      events.logoff(engineering, time + 7 * HOUR, actor, 10),
    )
    evidence.connect({
      time: time - SECOND,
      source: engineer.desk.ip,
      target: engineering.ip,
      targetPort: 3389,
      service: 'rdp',
      seconds: 25_000,
      bytesOut: 2_000_000,
      bytesIn: 60_000_000,
    })
  }
  // Firewall administration from the management network by the same person.
  for (const day of [3, 10])
    evidence.firewall.push(
      {
        time: at(world, day, '14:20'),
        fields: [
          ['logid', '0100032001'],
          ['type', 'event'],
          ['subtype', 'system'],
          ['level', 'information'],
          ['vd', 'root'],
          ['logdesc', 'Admin login successful'],
          ['sn', '1676000000'],
          ['user', admin.account],
          ['ui', `https(${admin.desk.ip})`],
          ['method', 'https'],
          ['srcip', admin.desk.ip],
          ['dstip', firewall.ip],
          ['action', 'login'],
          ['status', 'success'],
          ['reason', 'none'],
          ['profile', 'super_admin'],
          ['msg', `Administrator ${admin.account} logged in successfully from https(${admin.desk.ip})`],
        ],
      },
      {
        time: at(world, day, '14:26'),
        fields: [
          ['logid', '0100044547'],
          ['type', 'event'],
          ['subtype', 'system'],
          ['level', 'information'],
          ['vd', 'root'],
          ['logdesc', 'Object attribute configured'],
          ['user', admin.account],
          ['ui', `GUI(${admin.desk.ip})`],
          ['action', 'Edit'],
          ['cfgtid', '5701632'],
          ['cfgpath', 'firewall.address'],
          ['cfgobj', 'partner-payments'],
          ['cfgattr', 'comment[updated]'],
          ['msg', 'Edit firewall.address partner-payments'],
        ],
      },
    )
}
