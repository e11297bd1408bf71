import { draftOf, fileNameOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'
import { USUAL_AGENTS } from './java-agent.ts'

/** So many libraries make a folder one of a server; an agent that comes with its own few lies among them. */
const ENOUGH_SIBLINGS = 5
/** What makers call the classes of their agents, where the name of the file does not say it. */
const USUAL_CLASSES =
  /^(?:com\.newrelic|co\.elastic\.apm|io\.opentelemetry|datadog\.|com\.dynatrace|com\.appdynamics|com\.singularity|com\.microsoft\.applicationinsights|org\.glowroot|io\.prometheus\.jmx|org\.jolokia|org\.jacoco|com\.contrastsecurity|org\.apache\.skywalking|com\.navercorp\.pinpoint|com\.instana|net\.bytebuddy|org\.mockito|org\.aspectj|org\.springframework\.instrument|org\.eclipse\.persistence|com\.wily|scouter|oracle\.|com\.sun\.|sun\.|kanela|org\.hotswap)\b/

/** A library whose manifest makes it an agent, in a folder where no other is one. */
export const agentArchive: SetDetector = {
  on: 'set',
  id: 'web-shell/agent-archive',
  title: 'Agent among the libraries of a server',
  reads: ['file_activity'],
  techniques: ['T1505.003', 'T1574'],
  severity: 'low',
  confidence: 'low',
  why: 'A virtual machine that is given such an archive lets it change the classes of the running server: it can answer requests and read passwords without any page on the disk. Libraries of an application are none.',
  innocent: 'a measuring or protection agent of operations; the change record names it',
  query: sql => {
    const folder = sql.replaceAll("replace(path, '\\', '/')", '[^/]*$', '')
    return `with jar as (
      select host, path, ${folder} as folder, max(image) as agent, count(*) as total, ${sql.records(4)} as records
      from file_activity where code in ('java-archive', 'java-agent') group by host, path
    ), place as (
      select host, folder, count(*) as archives, count(*) filter (where agent <> '') as agents from jar group by host, folder
    )
    select j.host as host, j.path as path, j.agent as agent, j.total as total, j.records as records, p.archives as archives, p.agents as agents
    from jar j join place p on j.host = p.host and j.folder = p.folder where j.agent <> '' order by j.host, j.path`
  },
  finding(row) {
    const [path, agent] = [textOf(row, 'path'), textOf(row, 'agent')]
    const others = numberOf(row, 'archives') - 1
    const alone = numberOf(row, 'agents') === 1 && others >= ENOUGH_SIBLINGS
    const usual = USUAL_AGENTS.test(fileNameOf(path)) || USUAL_CLASSES.test(agent)
    return draftOf(agentArchive, {
      title: usual
        ? `${fileNameOf(path)} is an agent (${agent}): expected if you use it`
        : `${fileNameOf(path)} is an agent (${agent})${alone ? `, and none of the ${others} libraries beside it is` : ''}`,
      object: path,
      severity: alone && !usual ? 'medium' : 'low',
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'total'),
      hosts: [textOf(row, 'host')],
      ...(usual
        ? { why: `Its name and class are those of a maker; whoever imitates one would use them, too. ${agentArchive.why}` }
        : {}),
    })
  },
}
