import { listed, syslogOf, whole } from './admissions.ts'
import { type Admission, type Gate, gateOfAdmissions } from './gate.ts'

// Logs of applications (taxonomy appendix of sigma-specification 2.1, "application folder"): rules look for words in the whole message.

/** Readers of logs that any application may have written; of which language it is, the message says or does not. */
const OF_ANY = ['application-log', 'container-log'] as const

const wordsOf = (language: string): readonly Admission[] =>
  OF_ANY.map(product => ({ what: `${product} messages of ${language}`, product, variants: new Set([language]) }))

const TOMCAT = whole('tomcat-log', 'Tomcat messages')
const JAVA: readonly Admission[] = [TOMCAT, ...wordsOf('java'), syslogOf('java', 'tomcat', 'tomcat8', 'tomcat9', 'tomcat10')]
const PYTHON: readonly Admission[] = [
  ...wordsOf('python'),
  syslogOf('python', 'python3', 'gunicorn', 'uwsgi'),
  // mod_wsgi writes what the application says into the server's error log.
  { what: 'messages of Python in error logs of Apache', product: 'apache-error', variants: new Set(['python']) },
]
const NODE: readonly Admission[] = [...wordsOf('nodejs'), syslogOf('node', 'nodejs', 'pm2')]
const RUBY: readonly Admission[] = [...wordsOf('ruby'), syslogOf('rails', 'puma', 'unicorn')]
/** Whatever the language, the database's message is handed on in the application's own. */
const SQL: readonly Admission[] = [
  ...OF_ANY.map(product => whole(product)),
  TOMCAT,
  ...['php-error', 'apache-error', 'nginx-error'].map(product => whole(product)),
]

const APPLICATIONS: Readonly<Record<string, readonly Admission[]>> = {
  jvm: JAVA,
  spring: JAVA,
  velocity: JAVA,
  python: PYTHON,
  django: PYTHON,
  nodejs: NODE,
  ruby_on_rails: RUBY,
  sql: SQL,
}

/** Logs of applications of whatever technology. */
export const allApplications: readonly Admission[] = [...SQL, ...JAVA, ...PYTHON, ...NODE, ...RUBY]

/** Gate of a technology applications are made with; undefined when the product is none. */
export function applicationGate(product: string, category: string | undefined, service: string | undefined): Gate | undefined {
  const admissions = listed(APPLICATIONS, product)
  if (!admissions || service !== undefined || (category !== undefined && category !== 'application')) return undefined
  return gateOfAdmissions(admissions)
}

/** Marks of the language a message comes from: its traces, its files, its packages. */
const LANGUAGES: readonly (readonly [language: string, mark: RegExp])[] = [
  [
    'java',
    /\.java:\d+\)|\b(?:javax?|org|com|net|io)\.[a-z][\w.]*[A-Z]\w*(?:Exception|Error)\b|\b(?:java|javax|org|com)\.[a-z]\w*\.[\w.]+/,
  ],
  ['python', /\bTraceback \(most recent call last\)|\.py["' :]|\bdjango\b/],
  ['ruby', /\.rb:\d+|\bAction(?:Controller|View|Dispatch)\b|\bActiveRecord::/],
  ['nodejs', /\bnode:[a-z_/]+|\.[cm]?js:\d+:\d+/],
]

/** A trace names its language early; the rest is not looked at. */
const MAX_LOOKED_AT = 8192

/** The language of the application that wrote a message; '' when it does not show. */
export function languageOf(message: string): string {
  const text = message.slice(0, MAX_LOOKED_AT)
  return LANGUAGES.find(([, mark]) => mark.test(text))?.[0] ?? ''
}
