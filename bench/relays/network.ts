import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A network of namespaces on one bridge, in 10.211.7.0/24; every process in it was started here and is ended by its id. */
export class Network {
  readonly #prefix: string
  readonly #names: string[] = []
  readonly #children: ChildProcess[] = []

  constructor(prefix: string) {
    this.#prefix = prefix
    this.#add('net')
    this.#ip('netns', 'exec', this.#ns('net'), 'ip', 'link', 'add', 'br0', 'type', 'bridge')
    this.#ip('netns', 'exec', this.#ns('net'), 'ip', 'link', 'set', 'br0', 'up')
  }

  /** A machine with addresses on the bridge. The other end of its cable is PORT-NAME in the bridge's namespace: a tap. */
  machine(name: string, addresses: readonly string[]): void {
    this.#add(name)
    const port = `p-${name}`
    this.#ip('link', 'add', port, 'netns', this.#ns('net'), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#ns(name))
    this.run('net', 'ip', 'link', 'set', port, 'master', 'br0', 'up')
    this.run(name, 'ip', 'link', 'set', 'lo', 'up')
    // Segments are sent as they would be on a wire, so that captured packets have real sizes.
    for (const address of addresses) this.run(name, 'ip', 'address', 'add', `${address}/24`, 'dev', 'eth0')
    this.run(name, 'ip', 'link', 'set', 'eth0', 'up')
  }

  run(name: string, command: string, ...words: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#ns(name), command, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Starts a program in a machine; it is ended with the network at the latest. */
  start(name: string, command: string, ...words: readonly string[]): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', this.#ns(name), command, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
    child.on('error', () => undefined)
    this.#children.push(child)
    return child
  }

  /** Is something listening on the port of a machine? Waits for it. */
  async listening(name: string, port: number): Promise<boolean> {
    for (let tries = 0; tries < 100; tries++) {
      if (new RegExp(`:${port}\\b`).test(this.run(name, 'ss', '-Hltn'))) return true
      await sleep(100)
    }
    return false
  }

  async close(): Promise<void> {
    for (const child of this.#children.toReversed()) await ended(child)
    for (const name of this.#names) this.#ip('netns', 'del', this.#ns(name))
  }

  #add(name: string): void {
    this.#ip('netns', 'add', this.#ns(name))
    this.#names.push(name)
  }

  #ns(name: string): string {
    return `${this.#prefix}-${name}`
  }

  #ip(...words: readonly string[]): void {
    execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

/** Ends a program we started, kindly first. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(done => child.once('close', () => done()))
  child.kill('SIGTERM')
  await Promise.race([gone, sleep(3000)])
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await Promise.race([gone, sleep(2000)])
  }
}
