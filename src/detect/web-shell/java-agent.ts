import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, type RecordDetector } from '../../model/index.ts'
import { isServerProgram, isWebWorkerImage } from './workers.ts'

type Seen = 'process_activity' | 'file_activity' | 'device_config'

/** docs.oracle.com: package java.lang.instrument. */
const AGENT = /-(?:javaagent|agentpath):"?((?:[a-z]:)?[^"\s=]{1,400})/gi
/** Measuring and testing agents that operations put there, by the names of their files. */
export const USUAL_AGENTS =
  /newrelic|dd-java-agent|datadog|appdynamics|javaagent\.jar|elastic-apm|apm-agent|applicationinsights|opentelemetry|glowroot|jmx_prometheus|jolokia|jacoco|oneagent|dynatrace|contrast|skywalking|pinpoint|instana|scouter|splunk|byte-buddy|mockito|aspectjweaver|jrebel|lightrun|wily|introscope|sealights|takipi|hawtio/i
/** Folders that everybody can write to, also on Linux. */
const OPEN_FOLDER = /^\/(?:tmp|var\/tmp|dev\/shm|run\/user)\//
/** The file through which a tool attaches to a running Java (openjdk.org: HotSpot, AttachListener). */
const ATTACHED = /^\/(?:tmp|var\/tmp)\/\.java_pid\d+$/
/** What Java servers and their libraries leave under hidden names. */
const USUAL_HIDDEN = /^\/(?:tmp|var\/tmp|dev\/shm)\/\.(?:java_pid|attach_pid|nfs|X\d|font-unix|ICE-unix|org\.|vertx|netty|hsperf)/

/** A Java server is given an agent: code that changes its classes while it runs, such as the log-on and the filters of all pages. */
export const javaAgent: RecordDetector<Seen> = {
  on: 'record',
  id: 'web-shell/java-agent',
  title: 'Agent in a Java web server',
  reads: ['process_activity', 'file_activity', 'device_config'],
  techniques: ['T1505.003', 'T1574'],
  severity: 'low',
  confidence: 'low',
  why: 'An agent changes classes of a running server: it can answer requests and read passwords without any page on the disk.',
  innocent: 'a measuring or protection agent of operations; the change record names it',
  detect(event) {
    if (event.kind === 'file_activity') return leftBehind(event)
    if (event.kind === 'device_config')
      return event.product === 'web-server' && event.object === 'java-agent'
        ? agentAt(event.command ?? '', `${event.attribute ?? 'the configuration'} of the server`)
        : undefined
    if (event.action !== 'start' || !/-(?:javaagent|agentpath):/i.test(event.commandLine ?? '')) return undefined
    if (!isWebWorkerImage(event.image ?? '') && !isServerProgram(event.image ?? '')) return undefined
    for (const agent of (event.commandLine ?? '').matchAll(AGENT)) {
      const match = agentAt(agent[1] ?? '', fileNameOf(event.image ?? ''))
      if (match) return match
    }
    return undefined
  },
}

function agentAt(path: string, where: string): Match | undefined {
  const open = OPEN_FOLDER.test(path) || isUserWritablePath(path)
  const disguised = !/\.(?:jar|so|dll|dylib)$/i.test(path)
  if (path === '' || (USUAL_AGENTS.test(path) && !open)) return undefined
  const against = [open ? 'from a folder everybody can write to' : '', disguised ? 'which is not named like one' : '']
  return {
    title: `${where} loads the agent ${path.slice(0, 200)}${against
      .filter(Boolean)
      .map(word => `, ${word}`)
      .join('')}`,
    object: `agent ${path}`,
    severity: open || disguised ? 'high' : 'low',
    confidence: open || disguised ? 'moderate' : 'low',
  }
}

/** What attaching, and what works inside, leave on the disk of a Linux server. */
function leftBehind({ action, path = '', image = '' }: EventOf<'file_activity'>): Match | undefined {
  if (action !== 'create' && action !== 'write') return undefined
  if (ATTACHED.test(path)) return { title: `something attached to a running Java (${path})`, object: path }
  const hidden = /^\/(?:tmp|var\/tmp|dev\/shm)\/\.[^/]+$/.test(path) && !USUAL_HIDDEN.test(path)
  if (!hidden || !isServerProgram(image)) return undefined
  return {
    title: `${fileNameOf(image)}, a web server, writes the hidden file ${path}`,
    object: path,
    severity: 'medium',
    techniques: ['T1505.003', 'T1056.004'],
    innocent: 'a library that keeps something under a hidden name; what is in the file tells',
  }
}
