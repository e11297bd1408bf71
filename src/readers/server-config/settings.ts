import { attribute, tagsOf } from './xml-tags.ts'

/** Code that a server loads or runs because its configuration says so. */
export interface ServerSetting {
  readonly object: 'module' | 'handler' | 'java-agent'
  /** Name of a module, paths of a handler ("*.aspx"), the variable an agent stands in. */
  readonly name: string
  /** File, .NET type or script engine. */
  readonly value: string
  /** Folder or address it holds for; '' when the file names none. */
  readonly where: string
  /** Line of the file, from 1. */
  readonly line: number
}

/** Settings told of one file at most; a hosting machine repeats its forty handlers a site. */
const MOST_SETTINGS = 20_000
/** learn.microsoft.com: system.webServer/globalModules, /modules, /handlers, and their names in system.web. */
const SECTIONS: Readonly<Record<string, 'module' | 'handler'>> = {
  globalmodules: 'module',
  modules: 'module',
  httpmodules: 'module',
  handlers: 'handler',
  httphandlers: 'handler',
}
/** Variables whose words every Java of a service gets (tomcat.apache.org: catalina.sh; docs.oracle.com: JAVA_TOOL_OPTIONS). */
const JAVA_OPTIONS =
  /^[ \t]*(?:export[ \t]+|set[ \t]+"?)?(CATALINA_OPTS|JAVA_OPTS|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|JAVA_ARGS)[ \t]*=[^\n]{0,4000}/gm
/** docs.oracle.com: package java.lang.instrument; -agentpath loads a native library. */
const AGENT = /-(?:javaagent|agentpath):("[^"\n]{1,1000}"|'[^'\n]{1,1000}'|[^\s"'\n]{1,1000})/g

/** Is it a start file that gives a Java server an agent? */
export function loadsAgent(text: string): boolean {
  if (!/-(?:javaagent|agentpath):/.test(text)) return false
  return agentsOf(text).next().done !== true
}

/** Modules, handlers and Java agents of a configuration. */
export function serverSettings(text: string): readonly ServerSetting[] {
  const found: ServerSetting[] = []
  for (const setting of [...addedOf(text), ...agentsOf(text)]) if (found.push(setting) >= MOST_SETTINGS) break
  return found
}

function* addedOf(text: string): Generator<ServerSetting> {
  let section: 'module' | 'handler' | undefined
  let where = ''
  for (const { name, attributes, line } of tagsOf(text)) {
    if (name === 'location') where = attribute(attributes, 'path')
    else if (name === '/location') where = ''
    else if (name in SECTIONS) section = attributes.endsWith('/') ? undefined : SECTIONS[name]
    else if (name.startsWith('/') && name.slice(1) in SECTIONS) section = undefined
    else if (name === 'add' && section !== undefined) yield added(section, attributes, where, line)
  }
}

function added(object: 'module' | 'handler', attributes: string, where: string, line: number): ServerSetting {
  const said = (name: string) => attribute(attributes, name)
  const values = object === 'module' ? [said('image'), said('type')] : [said('scriptProcessor'), said('type'), said('modules')]
  return {
    object,
    name: object === 'module' ? said('name') : said('path'),
    value: values.filter(value => value !== '').join(' '),
    where,
    line,
  }
}

function* agentsOf(text: string): Generator<ServerSetting> {
  for (const options of text.matchAll(JAVA_OPTIONS))
    for (const agent of options[0].matchAll(AGENT))
      yield {
        object: 'java-agent',
        name: options[1] ?? '',
        value: (agent[1] ?? '').replace(/^["']|["']$/g, ''),
        where: '',
        line: text.slice(0, options.index).split('\n').length,
      }
}
