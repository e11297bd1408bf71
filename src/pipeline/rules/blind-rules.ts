import { type BlindSpot, type EventKind, type EventQueries, eventKinds, textOf } from '../../model/index.ts'
import { type EventKey, ruleCoverage, type SigmaRule } from '../../rules/index.ts'

/** Groups of rules told one by one; the rest is summed up. */
const MAX_GROUPS = 12
/** Rules named in a group, and log sources in a list. */
const MAX_NAMED = 6

/** What the user's rules could not see in the evidence of a case: missing fields, and log sources it has no record of. */
export async function blindRules(rules: readonly SigmaRule[], queries: EventQueries): Promise<readonly BlindSpot[]> {
  if (rules.length === 0) return []
  const { blind, absent, applied } = ruleCoverage(rules, await keysOf(queries))
  const number = (value: number) => value.toLocaleString('en')
  const spots = blind.slice(0, MAX_GROUPS).map(
    ({ view, fields, rules: group }): BlindSpot => ({
      what: `${number(group.length)} ${group.length === 1 ? 'rule' : 'rules'} could not see in ${view}: the records never have ${fields.join(', ')}`,
      where: 'the rules given',
      from: '',
      to: '',
      consequence: `That they did not match says nothing: ${some(group.map(({ title }) => title))}.`,
      howToClose: 'Add logs that have the field (Sysmon has most of them), or rules that do without it.',
    }),
  )
  const left = blind.slice(MAX_GROUPS)
  if (left.length > 0)
    spots.push(
      summedUp(
        left.reduce((sum, { rules: group }) => sum + group.length, 0),
        left.length,
      ),
    )
  const without = absent.reduce((sum, source) => sum + source.rules, 0)
  if (without > 0)
    spots.push({
      what: `${number(without)} of ${number(rules.length)} rules never applied: no such log source in this evidence`,
      where: 'the rules given',
      from: '',
      to: '',
      consequence: `${number(applied)} rules were asked. The others are for ${some(absent.map(({ logSource, rules: count }) => `${logSource} (${number(count)})`))}.`,
      howToClose: 'Add logs of those sources where there are any; `barograph rules check` says which of them no reader gives.',
    })
  return spots
}

function summedUp(rules: number, groups: number): BlindSpot {
  return {
    what: `${rules.toLocaleString('en')} more rules in ${groups} groups could not see for want of other fields`,
    where: 'the rules given',
    from: '',
    to: '',
    consequence: 'That they did not match says nothing.',
    howToClose: '`barograph rules check` lists them by record and field.',
  }
}

const some = (names: readonly string[]) =>
  `${names.slice(0, MAX_NAMED).join('; ')}${names.length > MAX_NAMED ? `; and ${names.length - MAX_NAMED} more` : ''}`

/** What sorts of record the case holds. Variants within a code are not columns. */
async function keysOf(queries: EventQueries): Promise<readonly EventKey[]> {
  const rows = await queries.rows(
    eventKinds
      .map(kind => `select '${kind}' as kind, product, code, series from ${kind} group by product, code, series`)
      .join(' union all '),
  )
  const keys = new Map<string, EventKey>()
  for (const row of rows) {
    const series = textOf(row, 'series')
    const key = {
      kind: textOf(row, 'kind') as EventKind,
      product: textOf(row, 'product'),
      code: textOf(row, 'code'),
      channel: series.startsWith('evtx|') ? series.slice(series.indexOf('|', 5) + 1) : '',
      provider: '',
      variant: '',
    }
    keys.set(Object.values(key).join('\n'), key)
  }
  return [...keys.values()]
}
