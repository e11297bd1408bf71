// Runs inside a namespace: the machines that talk in the test bed. `serve PORT…` answers; `call PLAN LOG` makes the planned sessions.
// A message is 12 bytes (session, bytes to answer, bytes that follow) and its filling. Both sides log which port a session had.
import { appendFileSync, readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PlannedSession } from './plan.ts'

const [mode, ...words] = process.argv.slice(2)
if (mode === 'serve') serve(words[0] ?? '', words.slice(1).map(Number))
else await callAll(words[0] ?? '', words[1] ?? '')

function serve(log: string, ports: readonly number[]): void {
  for (const port of ports)
    createServer(socket => {
      let waiting = Buffer.alloc(0)
      let known = false
      socket.on('error', () => socket.destroy())
      socket.on('data', chunk => {
        waiting = Buffer.concat([waiting, chunk])
        while (waiting.length >= 12 && waiting.length >= 12 + waiting.readUInt32BE(8)) {
          if (!known)
            appendFileSync(
              log,
              `${waiting.readUInt32BE(0)} ${socket.remoteAddress?.replace('::ffff:', '')} ${socket.remotePort} ${port}\n`,
            )
          known = true
          const answer = waiting.readUInt32BE(4)
          waiting = waiting.subarray(12 + waiting.readUInt32BE(8))
          socket.write(Buffer.alloc(answer, 0x61))
        }
      })
    }).listen(port, '0.0.0.0')
}

async function callAll(plan: string, log: string): Promise<void> {
  const sessions = JSON.parse(readFileSync(plan, 'utf8')) as readonly PlannedSession[]
  const begun = performance.now()
  await Promise.all(
    sessions.map(async session => {
      await sleep(Math.max(0, session.at * 1000 - (performance.now() - begun)))
      // A session that fails (a relay that is not up) is missing from the log, and so from the truth.
      await call(session, log).catch(() => undefined)
    }),
  )
}

async function call({ id, host, port, socks, turns }: PlannedSession, log: string): Promise<void> {
  const socket = connect({ host, port, allowHalfOpen: false })
  try {
    await opened(socket)
    appendFileSync(log, `${id} ${socket.localPort}\n`)
    if (socks) await greet(socket, socks.host, socks.port)
    for (const { pause, sent, got } of turns) {
      const head = Buffer.alloc(12 + sent, 0x62)
      head.writeUInt32BE(id, 0)
      head.writeUInt32BE(got, 4)
      head.writeUInt32BE(sent, 8)
      socket.write(head)
      await received(socket, got)
      await sleep(pause * 1000)
    }
  } finally {
    socket.end()
    setTimeout(() => socket.destroy(), 2000).unref()
  }
}

function opened(socket: Socket): Promise<void> {
  return new Promise((done, failed) => {
    socket.once('connect', () => done())
    socket.once('error', failed)
  })
}

/** RFC 1928: no authentication, CONNECT to an IPv4 address. */
async function greet(socket: Socket, host: string, port: number): Promise<void> {
  socket.write(Buffer.from([5, 1, 0]))
  await received(socket, 2)
  socket.write(Buffer.from([5, 1, 0, 1, ...host.split('.').map(Number), port >> 8, port & 255]))
  await received(socket, 10)
}

function received(socket: Socket, count: number): Promise<void> {
  return new Promise((done, failed) => {
    let have = 0
    const take = (chunk: Buffer) => {
      have += chunk.length
      if (have >= count) finish(done)
    }
    const broken = () => finish(() => failed(new Error('closed')))
    const timer = setTimeout(broken, 20_000)
    const finish = (then: () => void) => {
      clearTimeout(timer)
      socket.off('data', take)
      socket.off('close', broken)
      socket.off('error', broken)
      then()
    }
    socket.on('data', take)
    socket.once('close', broken)
    socket.once('error', broken)
    if (count === 0) finish(done)
  })
}
