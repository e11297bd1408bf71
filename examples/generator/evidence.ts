import type { World } from './world.ts'

/** One Windows event before it becomes bytes; `time` is milliseconds UTC. */
export interface WindowsEvent {
  readonly host: string
  readonly channel: string
  readonly provider: string
  readonly eventId: number
  readonly time: number
  readonly data: readonly (readonly [string, string])[]
  /** For events that carry UserData instead of EventData (log cleared). */
  readonly userData?: string
  readonly userSid?: string
}

/** One web request as IIS writes it. */
export interface WebRequest {
  readonly time: number
  readonly client: string
  readonly method: string
  readonly path: string
  readonly query: string
  readonly status: number
  readonly bytes: number
  readonly requestBytes: number
  readonly agent: string
  readonly referrer: string
  readonly user: string
  readonly milliseconds: number
}

/** One connection as the sensor and, where it crosses the edge, the firewall see it. */
export interface Connection {
  readonly time: number
  readonly source: string
  readonly sourcePort: number
  readonly target: string
  readonly targetPort: number
  readonly protocol: 'tcp' | 'udp'
  readonly service: string
  readonly seconds: number
  readonly bytesOut: number
  readonly bytesIn: number
  readonly state: string
  /** Passes the edge firewall; `nat` is the address it got there. */
  readonly edge?: 'in' | 'out'
  readonly uid: string
}

/** One line of the firewall that is not traffic: key=value pairs in order. */
export interface FirewallEvent {
  readonly time: number
  readonly fields: readonly (readonly [string, string])[]
}

export interface SyslogLine {
  readonly time: number
  readonly host: string
  readonly program: string
  readonly message: string
}

export interface DnsQuery {
  readonly time: number
  readonly client: string
  readonly server: string
  readonly query: string
  readonly answer: string
  readonly uid: string
}

/** Everything that happened, in no order; the writers sort. */
export class Evidence {
  readonly windows: WindowsEvent[] = []
  readonly web: WebRequest[] = []
  readonly connections: Connection[] = []
  readonly firewall: FirewallEvent[] = []
  readonly syslog: SyslogLine[] = []
  readonly dns: DnsQuery[] = []
  readonly files = new Map<string, string>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  uid(): string {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
    let text = 'C'
    while (text.length < 18) text += letters[this.#world.random.int(0, letters.length - 1)]
    return text
  }

  connect(connection: Omit<Connection, 'uid' | 'sourcePort' | 'protocol' | 'state'> & Partial<Connection>): void {
    this.connections.push({
      sourcePort: this.#world.random.int(49152, 65535),
      protocol: 'tcp',
      state: 'SF',
      uid: this.uid(),
      ...connection,
    })
  }
}
