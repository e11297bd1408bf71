// Records what nginx and PHP write while the pages of site/ are asked for; see README.md. Run as root on Debian:
// node test/recordings/web-server/record.ts
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ordinary, type Request, worked } from './schedule.ts'

const run = promisify(execFile)
const HERE = import.meta.dirname
const PORT = 18_080
/** Minutes of the log that pass in a second of ours. */
const MINUTES_A_SECOND = 10
const BEGIN = '2024-03-04 06:00:00'
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'
/** Requests under way at once: none of them may hold up the clock. */
const AT_ONCE = 8

const pause = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

function phpProgram(): string {
  const name = readdirSync('/usr/sbin').find(file => file.startsWith('php-fpm'))
  if (name === undefined) throw new Error('no php-fpm: apt-get install php-fpm')
  return join('/usr/sbin', name)
}

function nginxConfiguration(folder: string): string {
  // nginx empties the environment of its workers, and with it the clock.
  return `env FAKETIME; env FAKETIME_DONT_FAKE_MONOTONIC; env LD_PRELOAD; env FAKETIME_CACHE_DURATION;
daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log warn; worker_processes 1;
events {}
http {
  types { text/html html; text/css css; text/plain txt; }
  access_log ${folder}/access.log combined;
  set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
  client_body_temp_path ${folder}/body; fastcgi_temp_path ${folder}/fastcgi; proxy_temp_path ${folder}/p; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${PORT}; root ${folder}/site; index index.php;
    location ~ \\.php$ {
      fastcgi_pass unix:${folder}/php.sock;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param REQUEST_METHOD $request_method; fastcgi_param QUERY_STRING $query_string;
      fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
    }
  }
}`
}

const phpConfiguration = (folder: string) => `[global]
error_log = ${folder}/php.log
daemonize = no
[www]
user = www-data
group = www-data
listen = ${folder}/php.sock
listen.mode = 0666
pm = static
pm.max_children = 2
`

/** Runs both servers over a fresh copy of the site, and hands the folder in which their logs are to `work`. */
async function withServers(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'))
  const servers: ChildProcess[] = []
  try {
    chmodSync(folder, 0o755)
    cpSync(join(HERE, 'site'), join(folder, 'site'), { recursive: true })
    mkdirSync(join(folder, 'site', 'files'), { recursive: true })
    chmodSync(join(folder, 'site', 'files'), 0o777)
    writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder))
    writeFileSync(join(folder, 'php.conf'), phpConfiguration(folder))
    servers.push(spawn(phpProgram(), ['--fpm-config', join(folder, 'php.conf'), '--nodaemonize'], { stdio: 'inherit' }))
    for (let tries = 0; tries < 100 && !existsSync(join(folder, 'php.sock')); tries++) await pause(100)
    servers.push(
      spawn('/usr/sbin/nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
        stdio: 'inherit',
        // Its timers keep our time; what it writes into the log is the fast clock.
        env: {
          TZ: 'UTC',
          LD_PRELOAD: FAKETIME,
          FAKETIME: `@${BEGIN} x${MINUTES_A_SECOND * 60}`,
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          FAKETIME_CACHE_DURATION: '100000',
        },
      }),
    )
    for (let tries = 0; tries < 100 && !existsSync(join(folder, 'nginx.pid')); tries++) await pause(100)
    await work(folder)
  } finally {
    for (const server of servers) server.kill('SIGTERM')
    await pause(500)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ask({ from, page, options }: Request): Promise<void> {
  await run('curl', [
    '--silent',
    '--output',
    '/dev/null',
    '--header',
    `X-Forwarded-For: ${from}`,
    ...options,
    `http://127.0.0.1:${PORT}${page}`,
  ])
}

/** Asks everything at its minute of the fast clock. */
async function send(requests: readonly Request[]): Promise<void> {
  const begun = performance.now()
  const inOrder = requests.toSorted((a, b) => a.at - b.at)
  const underWay = new Set<Promise<void>>()
  for (const request of inOrder) {
    const wait = begun + (request.at * 1000) / MINUTES_A_SECOND - performance.now()
    if (wait > 0) await pause(wait)
    if (underWay.size >= AT_ONCE) await Promise.race(underWay)
    const asked = ask(request).finally(() => underWay.delete(asked))
    underWay.add(asked)
  }
  await Promise.all(underWay)
}

const documentFile = join(HERE, 'site', 'robots.txt')
for (const [name, requests] of [
  ['ordinary', ordinary(documentFile)],
  ['worked', worked(documentFile, join(HERE, 'inert.php'))],
] as const)
  await withServers(async folder => {
    await send(requests)
    copyFileSync(join(folder, 'access.log'), join(HERE, `${name}.access.log`))
    if (name === 'worked') copyFileSync(join(folder, 'error.log'), join(HERE, `${name}.error.log`))
    console.log(`${name}: ${requests.length} requests`)
  })
