import data from './data/ics-assets.json' with { type: 'json' }

/** A class of industrial control asset and the ATT&CK for ICS techniques that are aimed at it. */
export interface IcsAsset {
  readonly id: string
  readonly name: string
  readonly sectors: readonly string[]
  readonly techniques: readonly string[]
}

/** The 18 asset classes of ATT&CK for ICS. */
export const icsAssets: readonly IcsAsset[] = data.rows.map(([id = '', name = '', sectors = '', techniques = '']) => ({
  id,
  name,
  sectors: sectors === '' ? [] : sectors.split('; '),
  techniques: techniques === '' ? [] : techniques.split(' '),
}))

/**
 * Techniques against control systems by which valves, switches or set points may have moved: brute-force I/O, blocked messages, changed
 * parameters, manipulated control, unauthorised orders (ATT&CK for ICS).
 */
export const PLANT_MOVES = /^T0(?:803|804|806|831|836|855)$/
