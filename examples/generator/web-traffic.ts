import type { Evidence } from './evidence.ts'
import { at, HOUR, MINUTE, SECOND, type World } from './world.ts'

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.3 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 16_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.3 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Mobile Safari/537.36',
] as const

const PAGES = [
  '/default.aspx',
  '/outages.aspx',
  '/billing/login.aspx',
  '/billing/account.aspx',
  '/about.aspx',
  '/contact.aspx',
  '/support/faq.aspx',
  '/rates.aspx',
] as const

const STATIC = ['/css/site.css', '/js/site.js', '/img/logo.png', '/img/map.png', '/img/crew.jpg', '/favicon.ico'] as const

function request(
  world: World,
  evidence: Evidence,
  time: number,
  client: string,
  method: string,
  path: string,
  extra: Partial<Evidence['web'][number]> = {},
): void {
  evidence.web.push({
    time,
    client,
    method,
    path,
    query: '-',
    status: 200,
    bytes: world.random.size(9_000),
    requestBytes: world.random.size(420),
    agent: AGENTS[0],
    referrer: '-',
    user: '-',
    milliseconds: world.random.int(2, 180),
    ...extra,
  })
}

/** Each page and picture of the site has its own size, as real pages do; small changes come from session values. */
const pageBytes = (world: World, path: string): number => {
  let sum = 0
  for (const letter of path) sum = (sum * 31 + letter.charCodeAt(0)) % 60_000
  return 2_000 + sum + world.random.int(-40, 40)
}

/** People who read the public site, each some pages in order. */
export function visitors(world: World, evidence: Evidence, day: number): void {
  const { random } = world
  const site = `https://${world.web.name}`
  for (let visit = 0; visit < 34; visit++) {
    const client = random.pick(world.visitors)
    const agent = random.pick(AGENTS)
    let time = at(world, day, '06:00') + random.int(0, 17 * HOUR)
    let referrer = random.chance(0.4) ? 'https://www.search.example/' : '-'
    const pages = random.int(1, 5)
    for (let page = 0; page < pages; page++) {
      const path = page === 0 && random.chance(0.5) ? PAGES[0] : random.pick(PAGES)
      const login = path.startsWith('/billing')
      request(world, evidence, time, client, 'GET', path, { agent, referrer, bytes: pageBytes(world, path) })
      for (const file of random.sample(STATIC, random.int(0, 3)))
        request(world, evidence, time + random.int(80, 900), client, 'GET', file, {
          agent,
          referrer: `${site}${path}`,
          bytes: pageBytes(world, file),
          status: random.chance(0.3) ? 304 : 200,
        })
      if (login && random.chance(0.6))
        request(world, evidence, time + 8 * SECOND, client, 'POST', '/billing/login.aspx', {
          agent,
          referrer: `${site}/billing/login.aspx`,
          status: 302,
          bytes: 640,
        })
      referrer = `${site}${path}`
      time += random.int(5, 90) * SECOND
    }
    const from = time - 2 * MINUTE
    evidence.connect({
      time: from,
      source: client,
      target: world.machines.web.ip,
      targetPort: 443,
      service: 'ssl',
      seconds: random.int(2, 90),
      bytesOut: random.size(3_000),
      bytesIn: random.size(70_000),
      edge: 'in',
    })
  }
}

/** A status page asked every twenty minutes, a web hook that one partner alone posts to, and an upload form that staff use. */
export function monitoring(world: World, evidence: Evidence, day: number): void {
  for (let minute = 0; minute < 24 * 60; minute += 20)
    request(
      world,
      evidence,
      at(world, day, '00:00') + minute * MINUTE + 3 * SECOND,
      world.machines.sensor.ip,
      'GET',
      '/health.aspx',
      { agent: 'monitor/2.4', bytes: 212, milliseconds: 3 },
    )
  for (const hour of [1, 7, 13, 19])
    request(
      world,
      evidence,
      at(world, day, `${hour}:05`) + world.random.int(0, 40 * SECOND),
      '192.0.2.200',
      'POST',
      '/api/payments/hook.ashx',
      {
        agent: 'PayBridge-Webhook/1.9',
        bytes: 188,
        requestBytes: world.random.size(900),
      },
    )
  const editor = world.people[0]
  for (let edit = 0; edit < 3; edit++) {
    const time = at(world, day, '09:30') + world.random.int(0, 6 * HOUR)
    const referrer = `https://${world.web.name}/support/upload.aspx`
    request(world, evidence, time, editor.desk.ip, 'GET', '/support/upload.aspx', { user: editor.account, bytes: 5_210 })
    request(world, evidence, time + 30 * SECOND, editor.desk.ip, 'POST', '/support/upload.aspx', {
      user: editor.account,
      referrer,
      bytes: 5_340,
      requestBytes: world.random.size(400_000),
    })
    const name = `notice-${day + 1}-${edit + 1}.pdf`
    request(world, evidence, time + 35 * SECOND, editor.desk.ip, 'GET', `/support/files/${name}`, {
      user: editor.account,
      referrer,
      bytes: world.random.size(380_000),
    })
    request(world, evidence, time + 2 * HOUR, world.random.pick(world.visitors), 'GET', `/support/files/${name}`, {
      referrer: `https://${world.web.name}/support/faq.aspx`,
      bytes: world.random.size(380_000),
    })
  }
}

/** Scanners of the whole internet, and mailboxes tried on the jump host's closed port. */
export function internetNoise(world: World, evidence: Evidence, day: number): void {
  const probes = [
    '/wp-login.php',
    '/.env',
    '/phpmyadmin/',
    '/manager/html',
    '/owa/',
    '/cgi-bin/test',
    '/admin.php',
    '/shell.php',
    '/.git/config',
    '/boaform/admin',
    '/actuator/health',
    '/solr/',
    '/vendor/phpunit/',
    '/autodiscover/',
    '/remote/login',
    '/cmd.aspx',
  ]
  for (let index = 0; index < 5; index++) {
    const client = world.random.pick(world.visitors)
    const time = at(world, day, '00:00') + world.random.int(0, 23 * HOUR)
    for (const [n, path] of world.random.sample(probes, world.random.int(1, 4)).entries())
      request(world, evidence, time + n * 400, client, 'GET', path, {
        status: 404,
        bytes: 1_245,
        agent: 'Mozilla/5.0 zgrab/0.x',
      })
    evidence.connect({
      time: time - SECOND,
      source: client,
      target: world.web.publicIp,
      targetPort: world.random.pick([22, 23, 445, 3389, 8080]),
      service: '-',
      seconds: 0,
      bytesOut: 0,
      bytesIn: 0,
      state: 'S0',
      edge: 'in',
    })
  }
}
