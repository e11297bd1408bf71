import { expect, test } from 'vitest'
import { bytesPart, readPart } from '../../../test/bytes-part.ts'
import { foundBy } from '../../../test/set-detector.ts'
import { zipBytes } from '../../../test/zip-bytes.ts'
import { reader } from '../../readers/java-archive/reader.ts'
import { agentArchive } from './agent-archive.ts'

const archive = (path: string, ...lines: readonly string[]) => ({
  path,
  bytes: zipBytes([
    { name: 'META-INF/MANIFEST.MF', data: `${['Manifest-Version: 1.0', ...lines, ''].join('\r\n')}\r\n` },
    { name: 'a/B.class', data: path },
  ]),
})
const libraries = (folder: string, count: number) =>
  Array.from({ length: count }, (_, index) => archive(`${folder}/lib${index}.jar`))
const AGENT = ['Agent-Class: a.B', 'Can-Retransform-Classes: true']

async function told(...archives: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Promise<string[]> {
  const events = archives.flatMap(
    ({ path, bytes }) => readPart(reader, bytesPart(bytes, { path, facts: { host: 'web01' } })).events,
  )
  return (await foundBy(agentArchive, events)).map(({ severity, title }) => `${severity}: ${title}`)
}

test.each<[string, readonly { readonly path: string; readonly bytes: Uint8Array }[], readonly string[]]>([
  [
    'an agent among the libraries of a server',
    [...libraries('tomcat/lib', 6), archive('tomcat/lib/catalina-fix.jar', ...AGENT)],
    ['medium: catalina-fix.jar is an agent (a.B), and none of the 6 libraries beside it is'],
  ],
  [
    'one for the start of the machine',
    [...libraries('app/WEB-INF/lib', 5), archive('app/WEB-INF/lib/log4j-core.jar', 'Launcher-Agent-Class: x.Y')],
    ['medium: log4j-core.jar is an agent (x.Y), and none of the 5 libraries beside it is'],
  ],
  // look-alikes
  ['only libraries', libraries('tomcat/lib', 9), []],
  [
    'the agent of a maker',
    [...libraries('tomcat/lib', 6), archive('tomcat/lib/elastic-apm-agent.jar', 'Premain-Class: co.elastic.apm.agent.Main')],
    ['low: elastic-apm-agent.jar is an agent (co.elastic.apm.agent.Main): expected if you use it'],
  ],
  [
    'the agent of a maker under a name of operations',
    [archive('opt/monitor/agent-8.jar', 'Premain-Class: com.newrelic.bootstrap.BootstrapAgent')],
    ['low: agent-8.jar is an agent (com.newrelic.bootstrap.BootstrapAgent): expected if you use it'],
  ],
  [
    'a folder of agents',
    [...libraries('agents', 6), archive('agents/one.jar', ...AGENT), archive('agents/two.jar', ...AGENT)],
    ['low: one.jar is an agent (a.B)', 'low: two.jar is an agent (a.B)'],
  ],
])('%s', async (_name, archives, expected) => {
  expect(await told(...archives)).toEqual(expected)
})
