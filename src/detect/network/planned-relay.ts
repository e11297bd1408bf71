import type { SqlDialect } from '../../model/index.ts'

/** Machines that are there to pass connections on, as an asset list words their role. */
const PASSING_ROLE =
  '(?i)prox(?:y|ies)|load.?balanc|jump|bastion|gateway|firewall|router|reverse|vpn|concentrator|terminal server|remote access'

/**
 * Query: of the machines in these columns of `from` those whose work it is to pass connections on, by the asset list: `plannedMachine`
 * (each once) and `plannedRole`.
 */
export function plannedRelays(sql: SqlDialect, from: string, columns: readonly string[]): string {
  const listed = (name: string) => sql.captured('original', `"${name}":"([^"]*)"`)
  const named = `lower(concat(',', ${listed('id')}, ',', ${listed('names')}, ',', ${listed('addresses')}, ','))`
  const machines = columns.map(column => `select ${column} as machine from ${from} where ${column} <> ''`).join(' union ')
  return `
    select machine as plannedMachine, min(plannedRole) as plannedRole
    from (${machines}) machines, (
      select ${named} as plannedNames, ${listed('role')} as plannedRole from other_activity
      where product = 'assets' and ${sql.matches(listed('role'), PASSING_ROLE)}) listed
    where position(concat(',', lower(machine), ',') in plannedNames) > 0 group by machine`
}

/** What is said of a machine that is there to pass connections on. */
export const plannedWork = (role: string): string => `the asset list names it: ${role}; passing connections on is its work`
