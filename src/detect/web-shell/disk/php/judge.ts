import type { SyntaxParsers } from '../../../../model/index.ts'
import { observe } from '../flow.ts'
import { packedOrders } from '../page/signs.ts'
import { verdictOf, type Weighed, weighed } from '../score.ts'
import type { DecodedLayer } from '../verdict.ts'
import { bytesOf } from './bytes.ts'
import { phpDialect } from './dialect.ts'
import { type Glance, glanceAt } from './glance.ts'
import { readPhp, readPhpCode } from './read.ts'
import { repertoireOf } from './repertoire.ts'
import { textualSigns } from './signs.ts'

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
    size: text.length,
    partOfApplication: observed.foreign > 0 || program.classes.length > 0 || includesFixed(observed.sinks),
    hidden: signs.find(({ group }) => group === 'hidden')?.weight ?? 0,
  }
  const packed = packedOrders(text)
  const reasons = [
    ...weighed(observed, page),
    ...signs,
    ...dropped(observed.sinks, parsers, nesting),
    ...shellOnSocket(observed.sinks),
    ...repertoireOf(glance, text, observed.sinks, page),
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

const STOPPED = 'its code takes longer to follow than any page should'

type Sinks = ReturnType<typeof observe>['sinks']

function includesFixed(sinks: Sinks): boolean {
  return sinks.some(({ kind, values }) => kind === 'include' && values.some(({ origins }) => origins.length === 0))
}

const SHELL_PROGRAM = /(?:^|[\s;/\\])(?:(?:ba|da|k|z|c)?sh(?:\s+-i)?|cmd(?:\.exe)?|powershell(?:\.exe)?)\s*$/i

/** A shell is started and a connection opened: the one is tied to the other. */
function shellOnSocket(sinks: Sinks): Weighed[] {
  const socket = sinks.find(({ kind }) => kind === 'connect')
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

/** Text that is written to a file and is itself a shell. */
function dropped(sinks: Sinks, parsers: SyntaxParsers, nesting: number): Weighed[] {
  if (nesting >= MAX_NESTING) return []
  return sinks.flatMap(({ kind, values: [where, what], line, label }) => {
    if (kind !== 'file-write' || typeof what?.constant !== 'string' || !/<[?%]/.test(what.constant)) return []
    const inner = judgePhp(what.constant, parsers, glanceAt(bytesOf(what.constant)), nesting + 1)
    const judged = inner && verdictOf(inner.reasons)
    if (!judged || judged.verdict === 'clean' || judged.verdict === 'suspicious') return []
    const path = typeof where?.constant === 'string' ? where.constant.slice(0, 80) : 'a file'
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
