/** One member of an archive that could run. */
export interface TimedMember {
  readonly path: string
  /** Milliseconds since 1970, as the archive says. */
  readonly time: number
}

/** Fewer than this say nothing about how the archive was made. */
const MIN_MEMBERS = 20
/** A build writes all of its classes within hours; summer time and zones add at most one more day. */
const BUILD_MILLISECONDS = 2 * 86_400_000
/** Later than the build by this much is no long build. */
const LATER_MILLISECONDS = 7 * 86_400_000
/** More newcomers than this are an update, not somebody's addition. */
const MAX_NEWCOMERS = 3

/** Classes and pages that came into an archive long after all the others of it, which were written together; with the time of the last of those. */
export function newcomers(
  members: readonly TimedMember[],
): { readonly late: readonly TimedMember[]; readonly built: number } | undefined {
  if (members.length < MIN_MEMBERS) return undefined
  const byTime = members.filter(({ time }) => time > 0).sort((a, b) => a.time - b.time)
  for (let count = 1; count <= MAX_NEWCOMERS; count++) {
    const late = byTime.slice(-count)
    const others = byTime.slice(0, -count)
    const built = others.at(-1)?.time ?? 0
    if (others.length < MIN_MEMBERS - MAX_NEWCOMERS || built - (others[0]?.time ?? 0) > BUILD_MILLISECONDS) continue
    if ((late[0]?.time ?? 0) - built >= LATER_MILLISECONDS) return { late, built }
  }
  return undefined
}
