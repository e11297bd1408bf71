import type { Evidence } from './evidence.ts'
import { at, HOUR, MINUTE, type Person, SECOND, type World } from './world.ts'

/** Home workers use the VPN in the evening from their own home routers; one of them changes provider half-way. */
export function homeWorkers(world: World, evidence: Evidence, day: number): void {
  for (const [index, person] of world.people.entries()) {
    if (!person.admin && world.random.chance(0.45)) continue
    const moved = index === 3 && day > 5
    const home = moved ? (world.visitors[40] ?? person.homeIp) : person.homeIp
    const time = at(world, day, '18:30') + world.random.int(0, 3 * HOUR)
    vpnSession(
      world,
      evidence,
      time,
      person,
      home,
      `${world.vpnPool}.${50 + index}`,
      world.random.int(20, 150) * MINUTE,
      targets => {
        targets.push({ target: world.machines.file.ip, port: 445, bytes: 300_000 })
        if (person.admin) targets.push({ target: world.machines.jump.ip, port: 22, bytes: 20_000 })
      },
    )
    if (person.admin) {
      const ssh = time + 3 * MINUTE
      const session = world.random.int(1000, 9000)
      evidence.syslog.push(
        {
          time: ssh,
          host: world.machines.jump.short,
          program: `sshd[${session}]`,
          message: `Accepted publickey for ${person.account} from ${world.vpnPool}.${50 + index} port ${world.random.int(40000, 60000)} ssh2: ED25519 SHA256:${world.random.hex(32)}`,
        },
        {
          time: ssh + 200,
          host: world.machines.jump.short,
          program: `sshd[${session}]`,
          message: `pam_unix(sshd:session): session opened for user ${person.account}(uid=1001) by (uid=0)`,
        },
        {
          time: ssh + 2 * MINUTE,
          host: world.machines.jump.short,
          program: 'sudo',
          message: `${person.account} : TTY=pts/0 ; PWD=/home/${person.account} ; USER=root ; COMMAND=/usr/bin/apt-get update`,
        },
        {
          time: ssh + 30 * MINUTE,
          host: world.machines.jump.short,
          program: `sshd[${session}]`,
          message: `pam_unix(sshd:session): session closed for user ${person.account}`,
        },
      )
    }
  }
}

/** One VPN session in the firewall's words, and the connections it is used for. */
export function vpnSession(
  world: World,
  evidence: Evidence,
  time: number,
  person: Person,
  from: string,
  assigned: string,
  length: number,
  use: (targets: { target: string; port: number; bytes: number }[]) => void,
): void {
  const tunnel = String(world.random.int(1e8, 9e8))
  const head = (logid: string, action: string, description: string): (readonly [string, string])[] => [
    ['logid', logid],
    ['type', 'event'],
    ['subtype', 'vpn'],
    ['level', 'information'],
    ['vd', 'root'],
    ['logdesc', description],
    ['action', action],
    ['tunneltype', 'ssl-tunnel'],
    ['tunnelid', tunnel],
    ['remip', from],
  ]
  const rest = [
    ['user', person.account],
    ['group', 'staff-vpn'],
    ['dst_host', 'N/A'],
  ] as const
  evidence.firewall.push(
    {
      time,
      fields: [
        ...head('0101039424', 'tunnel-up', 'SSL VPN tunnel up'),
        ['tunnelip', assigned],
        ...rest,
        ['reason', 'login successfully'],
        ['msg', 'SSL tunnel established'],
      ],
    },
    {
      time: time + length,
      fields: [
        ...head('0101039425', 'tunnel-down', 'SSL VPN tunnel down'),
        ['tunnelip', assigned],
        ...rest,
        ['reason', 'N/A'],
        ['duration', String(Math.round(length / SECOND))],
        ['sentbyte', String(world.random.size(900_000))],
        ['rcvdbyte', String(world.random.size(300_000))],
        ['msg', 'SSL tunnel shutdown'],
      ],
    },
  )
  evidence.connect({
    time: time - 2 * SECOND,
    source: from,
    target: world.web.publicIp,
    targetPort: 10443,
    service: 'ssl',
    seconds: length / SECOND,
    bytesOut: world.random.size(300_000),
    bytesIn: world.random.size(900_000),
    edge: 'in',
  })
  const targets: { target: string; port: number; bytes: number }[] = []
  use(targets)
  for (const [index, { target, port, bytes }] of targets.entries())
    evidence.connect({
      time: time + (index + 2) * MINUTE,
      source: assigned,
      target,
      targetPort: port,
      service: port === 445 ? 'gssapi,smb' : port === 22 ? 'ssh' : port === 3389 ? 'rdp' : '-',
      seconds: Math.round((length / SECOND) * 0.7),
      bytesOut: world.random.size(bytes / 8),
      bytesIn: world.random.size(bytes),
    })
}
