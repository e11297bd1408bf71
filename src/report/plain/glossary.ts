/** A word of the trade in words for everybody. */
export interface Term {
  readonly term: string
  readonly meaning: string
}

/** The words a person in charge meets in the report. */
export const glossary: readonly Term[] = [
  {
    term: 'Relay',
    meaning:
      'Somebody else’s device, often a home router, that passes the intruder’s traffic on. Its owner usually knows nothing, and its address says nothing about who the intruder is.',
  },
  { term: 'Edge device', meaning: 'The device between our network and the internet: firewall, VPN gateway, router.' },
  { term: 'Web shell', meaning: 'A small hidden page on a web server that runs whatever commands its visitor sends.' },
  { term: 'Domain controller', meaning: 'The server that keeps the accounts and passwords of a whole organisation.' },
  {
    term: 'Living off the land',
    meaning: 'Working only with the programs that are there anyway, so that hardly anything looks like an attack.',
  },
  {
    term: 'Observed, inferred',
    meaning: 'Observed: a record shows it. Inferred: it follows from other records, and the report says what would refute it.',
  },
  {
    term: 'Confidence, likelihood',
    meaning: 'Likelihood says how probable something is; confidence says how good the basis for saying so is.',
  },
  {
    term: 'Blind spot',
    meaning: 'A time, place or kind of record that the evidence does not cover. Missing is not the same as harmless.',
  },
]
