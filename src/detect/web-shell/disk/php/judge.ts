import type { SyntaxParsers } from '../../../../model/index.ts'
import { type Observed, observe } from '../flow.ts'
import { packedOrders } from '../page/signs.ts'
import type { Program } from '../program.ts'
import { verdictOf, type Weighed, weighed } from '../score.ts'
import type { DecodedLayer } from '../verdict.ts'
import { bytesOf } from './bytes.ts'
import { codeOnly } from './code-only.ts'
import { phpDialect } from './dialect.ts'
import { type Glance, glanceAt } from './glance.ts'
import { readPhp, readPhpCode } from './read.ts'
import { hiddenOrders, hidesNames, repertoireOf } from './repertoire.ts'
import { runsPacked, textualSigns } from './signs.ts'
import { toolsOf } from './tools.ts'

/** What parsing and following the values of a page gave. */
export interface PhpFindings {
  readonly reasons: readonly Weighed[]
  readonly decoded: readonly DecodedLayer[]
  readonly errors: number
  readonly cut: string | undefined
}

/** Pages within pages (a dropper that writes a dropper) are looked into this deep. */
const MAX_NESTING = 2

/** Judges a PHP page by its syntax tree; undefined when it could not be parsed within the limits. `text` is one character a byte. */
export function judgePhp(text: string, parsers: SyntaxParsers, glance: Glance, nesting = 0): PhpFindings | undefined {
  const program = readPhp(text, parsers)
  if (!program) return undefined
  const observed = observe(program, phpDialect, (code, line, first) => readPhpCode(code, line, first, parsers))
  const signs = textualSigns(text)
  const page = {
    size: glance.size,
    partOfApplication: isPart(program, observed, glance.size),
    asks: glance.asked,
    hidden: signs.find(({ group }) => group === 'hidden')?.weight ?? 0,
  }
  const packed = packedOrders(text)
  const reasons = [
    ...weighed(observed, page),
    ...signs,
    ...runsPacked(text),
    ...dropped(observed.sinks, parsers, nesting),
    ...shellOnSocket(observed.sinks),
    ...repertoireOf(glance, text, observed.sinks, page),
    ...hidesNames(observed.hiddenNames, page),
    ...hiddenOrders(observed.decoded, page),
    ...mixesNames(signs, page),
    ...(glance.mayBeTool || glance.mails || glance.asked ? toolsOf(codeOnly(text), text, glance, page) : []),
    ...(packed
      ? [{ ...packed, ...(observed.sinks.some(({ kind }) => kind === 'file-write') ? { speaks: 'dropper' as const } : {}) }]
      : []),
  ]
  return {
    reasons,
    decoded: observed.decoded,
    errors: program.errors,
    cut: program.cut ?? (observed.stopped ? STOPPED : undefined),
  }
}

/** A page that stands alone has statements of its own; a file of classes waits for somebody who uses them. */
const OWN_STATEMENTS = 5
/** A long page calls a function that is not there by a slip of its maker, a short one because it is a part of something. */
const LONG = 3_000

function isPart({ classes, body }: Program, { foreign, sinks }: Observed, size: number): boolean {
  const named = new Set(classes.map(({ name }) => name.toLowerCase()))
  const extendsOthers = classes.some(({ bases }) => bases.some(base => !named.has(base.toLowerCase())))
  const waits = classes.length > 0 && body.length < OWN_STATEMENTS && !makes(body, named)
  const enough = size > LONG ? 2 : 1
  return foreign >= enough || extendsOthers || waits || includesFixed(sinks)
}

/** Whether statements of the page itself make an object of one of its classes: then nobody else has to. */
function makes(part: unknown, classes: ReadonlySet<string>): boolean {
  const open: unknown[] = [part]
  while (open.length > 0) {
    const node = open.pop()
    if (Array.isArray(node)) {
      for (const item of node) open.push(item)
      continue
    }
    if (node === null || typeof node !== 'object') continue
    if (
      'is' in node &&
      node.is === 'new' &&
      'type' in node &&
      typeof node.type === 'string' &&
      classes.has(node.type.toLowerCase())
    )
      return true
    for (const value of Object.values(node)) if (value !== null && typeof value === 'object') open.push(value)
  }
  return false
}

const STOPPED = 'its code takes longer to follow than any page should'

type Sinks = ReturnType<typeof observe>['sinks']

function includesFixed(sinks: Sinks): boolean {
  return sinks.some(({ kind, values }) => kind === 'include' && values.some(({ origins }) => origins.length === 0))
}

const SHELL_PROGRAM = /(?:^|[\s;/\\])(?:(?:ba|da|k|z|c)?sh(?:\s+-i)?|cmd(?:\.exe)?|powershell(?:\.exe)?)\s*$/i

/** Letters mixed bit by bit are a whole name on a page this short, and no ordinary page of this size makes one so. */
const FEW = 1_000

function mixesNames(signs: readonly Weighed[], page: { size: number; partOfApplication: boolean }): Weighed[] {
  const mixed = signs.find(({ what }) => what.includes('mixed bit by bit'))
  return mixed && page.size < FEW && !page.partOfApplication
    ? [
        {
          what: 'names are mixed bit by bit on a page that does nothing else',
          line: 1,
          weight: 62,
          speaks: 'web-shell',
          group: 'mixed-names',
          does: 'hides which functions it calls',
          techniques: ['T1027'],
        },
      ]
    : []
}

/** A shell is started and a connection opened: the one is tied to the other. */
function shellOnSocket(sinks: Sinks): Weighed[] {
  const socket = sinks.find(({ kind, label }) => kind === 'connect' && /sock/.test(label))
  const shell = sinks.find(
    ({ kind, values: [program] }) =>
      kind === 'command' && typeof program?.constant === 'string' && SHELL_PROGRAM.test(program.constant),
  )
  return socket && shell
    ? [
        {
          what: `${shell.label} starts a shell, and ${socket.label} in line ${socket.line} connects with another machine`,
          line: shell.line,
          weight: 75,
          speaks: 'web-shell',
          group: 'command',
          does: 'hands a shell to another machine',
          techniques: ['T1059'],
        },
      ]
    : []
}

/** A program that installs itself carries its pages as they are; packed ones are to be found by nobody. */
function packedCode(label: string, path: string, line: number): Weighed {
  return {
    what: `${label} writes a page it carries packed to ${path}`,
    line,
    weight: 62,
    speaks: 'dropper',
    group: 'dropped',
    does: 'writes a page it carries packed',
    techniques: ['T1105', 'T1027'],
  }
}

/** Text that is written to a file and is itself a shell. */
function dropped(sinks: Sinks, parsers: SyntaxParsers, nesting: number): Weighed[] {
  if (nesting >= MAX_NESTING) return []
  return sinks.flatMap(({ kind, values: [where, what], line, label }) => {
    if (kind !== 'file-write' || typeof what?.constant !== 'string' || !/<[?%]/.test(what.constant)) return []
    const inner = judgePhp(what.constant, parsers, glanceAt(bytesOf(what.constant)), nesting + 1)
    const judged = inner && verdictOf(inner.reasons)
    const path = typeof where?.constant === 'string' ? where.constant.slice(0, 80) : 'a file'
    if (!judged || judged.verdict === 'clean' || judged.verdict === 'suspicious')
      return what.layers?.length && /^\s*<\?(?:php\b|=)/.test(what.constant) ? [packedCode(label, path, line)] : []
    return [
      {
        what: `${label} writes a ${judged.verdict} to ${path}: ${judged.reasons[0]?.what ?? ''}`,
        line,
        weight: 85,
        speaks: 'dropper' as const,
        group: 'dropped',
        does: 'writes a shell into a file',
        techniques: ['T1105'],
      },
    ]
  })
}
