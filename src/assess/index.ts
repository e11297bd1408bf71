import type { Assessment, AssetModel, Correlation, Coverage, Sight } from '../model/index.ts'
import { actionsFor } from './actions.ts'
import { attribution } from './attribution.ts'
import { blindSpots } from './blind-spots.ts'
import { impactOf } from './impact/impact.ts'
import { verdictOf } from './verdict.ts'

/** What assessment works on. */
export interface AssessInput {
  readonly correlation: Correlation
  readonly coverage: Coverage
  readonly assets: AssetModel | undefined
  /** Which logs show what of the machines of the incidents; without it nothing is said about their sides. */
  readonly sights?: readonly Sight[]
}

/** Judges what was joined: how sure, who it may be, which services are in reach, what was not seen, what to do. Pure: same input, same words. */
export function assess({ correlation, coverage, assets, sights = [] }: AssessInput): Assessment {
  const verdict = verdictOf(correlation, coverage)
  const impact = impactOf(correlation.incidents, assets)
  const spots = blindSpots(correlation, coverage, { sights, withoutAssets: assets === undefined })
  return {
    verdict,
    attribution: attribution(correlation),
    impact,
    blindSpots: spots,
    actions: actionsFor({ correlation, assets, impact, blindSpots: spots, level: verdict.level }),
  }
}
