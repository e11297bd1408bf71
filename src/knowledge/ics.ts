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

/** Techniques against control systems that move something: brute-force I/O, blocked or spoofed orders, changed parameters, manipulated control, unauthorised orders (ATT&CK for ICS). */
const MOVES_PLANT = /^T0(?:803|804|806|831|836|855)$/

/** Is it a technique by which valves, switches or set points may have moved? */
export const movesPlant = (technique: string): boolean => MOVES_PLANT.test(technique)
