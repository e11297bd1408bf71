import type { Evidence } from './evidence.ts'
import * as events from './windows-events.ts'
import { at, HOUR, MINUTE, type Person, SECOND, type World } from './world.ts'

/** A person in one log-on session. */
export const actorOf = (world: World, person: Person): events.Actor => ({
  account: person.account,
  domain: world.netbios,
  sid: person.sid,
  logonId: `0x${world.random.hex(6)}`,
})

/** Log-ons, file shares and web pages of the staff on one day. */
export function officeDay(world: World, evidence: Evidence, day: number): void {
  const weekend = [5, 6].includes(day % 7)
  const { dc, file } = world.machines
  for (const person of world.people) {
    if (weekend && !person.admin) continue
    const morning = at(world, day, '07:40') + world.random.int(0, 70 * MINUTE)
    evidence.windows.push(events.ticket(dc, morning, person.account, world.domain.toUpperCase(), person.desk.ip))
    for (let access = 0; access < 9; access++) {
      const time = morning + world.random.int(0, 8 * HOUR)
      const session = actorOf(world, person)
      evidence.windows.push(
        events.ticket(dc, time, person.account, world.domain.toUpperCase(), person.desk.ip, `${file.short.toUpperCase()}$`),
        events.logon(dc, time + 40, session, 3, { ip: person.desk.ip, port: world.random.int(49152, 65535) }),
        events.logoff(dc, time + world.random.int(5, 600) * SECOND, session, 3),
      )
      evidence.connect({
        time,
        source: person.desk.ip,
        target: dc.ip,
        targetPort: world.random.pick([88, 389, 445, 135]),
        service: '-',
        seconds: world.random.int(1, 40),
        bytesOut: world.random.size(3_000),
        bytesIn: world.random.size(6_000),
      })
      evidence.connect({
        time: time + SECOND,
        source: person.desk.ip,
        target: file.ip,
        targetPort: 445,
        service: 'gssapi,smb',
        seconds: world.random.int(10, 900),
        bytesOut: world.random.size(40_000),
        bytesIn: world.random.size(400_000),
      })
    }
    for (let visit = 0; visit < 14; visit++) {
      const time = morning + world.random.int(0, 9 * HOUR)
      const name = world.random.pick(['news', 'mail', 'search', 'video', 'weather', 'forms', 'bank', 'maps'])
      const target = `198.51.100.${world.random.int(1, 254)}`
      evidence.dns.push({
        time: time - 60,
        client: person.desk.ip,
        server: dc.ip,
        query: `www.${name}.example`,
        answer: target,
        uid: evidence.uid(),
      })
      evidence.connect({
        time,
        source: person.desk.ip,
        target,
        targetPort: 443,
        service: 'ssl',
        seconds: world.random.int(1, 240),
        bytesOut: world.random.size(5_000),
        bytesIn: world.random.size(160_000),
        edge: 'out',
      })
    }
    if (world.random.chance(0.15))
      evidence.windows.push(events.logonFailure(dc, morning - 20 * SECOND, person.account, world.netbios, { ip: person.desk.ip }))
  }
}
