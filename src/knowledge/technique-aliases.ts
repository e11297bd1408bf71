/**
 * Techniques that ATT&CK renumbered, old id first. v19 split Defense Evasion into Stealth and Defense Impairment. The pairs were derived
 * by comparing the technique names of v18.1 (mitre/cti) and v19.1 (attack-flow commit 295d20d2) and confirmed, where Sigma uses
 * the technique, by how the tags of the same rule changed between SigmaHQ r2026-01-01 and commit 8eaafff1f (121 rules for the first pair).
 */
const RENUMBERED: readonly (readonly [string, string])[] = [
  ['T1562.001', 'T1685'],
  ['T1562', 'T1685'],
  ['T1562.006', 'T1685'],
  ['T1562.002', 'T1685.001'],
  ['T1562.008', 'T1685.002'],
  ['T1562.011', 'T1685.003'],
  ['T1562.012', 'T1685.004'],
  ['T1070.001', 'T1685.005'],
  ['T1070.002', 'T1685.006'],
  ['T1562.004', 'T1686.003'],
  ['T1562.004', 'T1686'],
  ['T1562.007', 'T1686.001'],
  ['T1562.013', 'T1686.002'],
  ['T1562.009', 'T1688'],
  ['T1562.010', 'T1689'],
  ['T1562.003', 'T1690'],
  ['T1656', 'T1684.001'],
  ['T1672', 'T1684.002'],
  // v18 moved the discovery of disks out of System Information Discovery; advisories of 2023 and 2024 still say T1082.
  ['T1082', 'T1680'],
]

/**
 * Techniques that were joined with another before the bundled version. v17 made DLL side-loading and search order hijacking one; tags of
 * 82 rules changed so in SigmaHQ commit 83b9ff50b.
 */
const JOINED: readonly (readonly [string, string])[] = [['T1574.002', 'T1574.001']]

const aliases = new Map<string, Set<string>>()
for (const [older, newer] of [...RENUMBERED, ...JOINED]) {
  aliases.set(older, (aliases.get(older) ?? new Set()).add(newer))
  aliases.set(newer, (aliases.get(newer) ?? new Set()).add(older))
}

/** Ids of the same behaviour in other ATT&CK versions, sorted; empty for most techniques. */
export function techniqueAliases(id: string): readonly string[] {
  return [...(aliases.get(id) ?? [])].sort()
}

/** The id as the bundled version (v18) has it: "T1685.005" gives "T1070.001", "T1574.002" gives "T1574.001"; anything else comes back unchanged. */
export function bundledTechnique(id: string): string {
  const upper = id.toUpperCase()
  const joined = JOINED.find(([older]) => older === upper)
  if (joined) return joined[1]
  return RENUMBERED.find(([older, newer]) => newer === upper && older !== 'T1082')?.[0] ?? upper
}
