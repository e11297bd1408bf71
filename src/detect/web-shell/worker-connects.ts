import { type EventOf, fileNameOf, isLoopback, isOutsideAddress, type RecordDetector, type Severity } from '../../model/index.ts'
import { isServerProgram } from './workers.ts'

/** Services that administer a machine: no page of an application needs them, a tunnel page is there for them. */
const ADMINISTRATION: Readonly<Record<number, string>> = {
  22: 'SSH',
  135: 'remote procedure calls',
  139: 'file shares',
  445: 'file shares',
  3389: 'remote desktop',
  5900: 'VNC',
  5985: 'remote management',
  5986: 'remote management',
}

/** Applications call payment, mail, update and licence services, always on the ports of web, mail, names, time and directories. */
const APPLICATION_PORTS = new Set([21, 25, 53, 80, 88, 110, 123, 143, 389, 443, 465, 587, 636, 853, 990, 993, 995, 8080, 8443])
/** Databases, queues and caches in the cloud are outside too. */
const DATA_PORTS = new Set([1433, 1521, 3306, 5432, 5671, 5672, 6379, 6380, 8883, 9092, 9200, 9243, 10255, 11211, 27017])

/** A web server worker that connects to a machine's administration, or out on a port no application service has. */
export const workerConnects: RecordDetector<'network_activity'> = {
  on: 'record',
  id: 'web-shell/worker-connects',
  title: 'Web server process connects where no page needs to',
  reads: 'network_activity',
  techniques: ['T1505.003', 'T1090'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'A tunnel page or a reverse shell inside the worker opens connections for its client: to the administration of machines, or back out.',
  innocent: 'a gateway product that brings remote desktop or SSH into the browser, or a reverse proxy set up for such a service',
  detect(event) {
    if (event.action !== 'open' && event.action !== 'flow') return undefined
    const image = event.image ?? ''
    if (!isServerProgram(image) || event.initiatorKnown === false) return undefined
    const seen = placeOf(event)
    if (seen === undefined) return undefined
    const target = `${event.dstIp ?? ''}:${event.dstPort ?? 0}`
    return {
      title: `${fileNameOf(image)} connected to ${seen.what === '' ? '' : `${seen.what} on `}${target}`,
      object: `${fileNameOf(image)} > ${target}`,
      severity: seen.severity,
      techniques: seen.techniques,
      accounts: event.user ? [event.user] : [],
      addresses: isOutsideAddress(event.dstIp ?? '') ? [event.dstIp ?? ''] : [],
    }
  },
}

interface Place {
  readonly severity: Severity
  readonly what: string
  readonly techniques: readonly string[]
}

function placeOf({ dstIp = '', dstPort, srcPort, image = '' }: EventOf<'network_activity'>): Place | undefined {
  const port = dstPort ?? 0
  // The answer side of a connection to the server itself, as some sensors log it.
  if (port === 0 || srcPort === 80 || srcPort === 443) return undefined
  const service = ADMINISTRATION[port]
  const isProxy = /^(?:nginx|httpd|apache2?|lighttpd)/.test(fileNameOf(image))
  if (service !== undefined) {
    const severity = isProxy ? 'medium' : isLoopback(dstIp) || port === 3389 ? 'high' : 'medium'
    // Java products take backups over SSH and read shares; only what people sit at is rare there.
    if (/^javaw?(?:\.exe)?$/.test(fileNameOf(image)) && !isLoopback(dstIp) && port !== 3389) return undefined
    return { severity, what: service, techniques: ['T1505.003', 'T1572'] }
  }
  if (!isOutsideAddress(dstIp) || isProxy || APPLICATION_PORTS.has(port) || DATA_PORTS.has(port)) return undefined
  return { severity: 'low', what: '', techniques: ['T1505.003', 'T1571'] }
}
