import fc from 'fast-check'

/** Any number does: what counts is that a run on one machine can be repeated on another. */
const USUAL_SEED = 20230524

const wanted = process.env['PROPERTY_SEED']
if (wanted !== undefined && wanted !== 'random' && !/^-?\d+$/.test(wanted))
  throw new Error(`PROPERTY_SEED is a whole number or "random", not "${wanted}"`)

// A fixed seed makes the suite the same every time; `npm run test:explore` looks at other inputs, and what it finds becomes a case.
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted ?? USUAL_SEED) })
