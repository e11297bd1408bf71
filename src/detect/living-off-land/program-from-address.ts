import { fileNameOf, isAddress, isLoopback, type RecordDetector } from '../../model/index.ts'
import { isDisguisedAsDocument } from './disguised-name.ts'

/** The mark that browsers and mail programs leave beside what they save (learn.microsoft.com: MS-FSCC 5.6.1, Zone.Identifier). */
const MARK = ':zone.identifier'
const HOST_URL = /\bHostUrl=(https?:\/\/(\[[0-9a-f:.]+\]|[^\s/:]+)[^\s]*)/i
/** What runs when it is opened. */
const RUNS = /\.(?:exe|dll|scr|com|pif|cpl|msi|hta|vbs|vbe|jse?|wsf|bat|cmd|ps1|lnk|jar|iso|img|vhdx?)$/i

/** A browser saves a program from a server that has no name. */
export const programFromAddress: RecordDetector<'file_activity'> = {
  on: 'record',
  id: 'living-off-land/program-from-address',
  title: 'Program downloaded from a bare address',
  reads: 'file_activity',
  techniques: ['T1105'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Vendors have names; a program fetched from a bare address comes from somebody who set a server up for the occasion.',
  innocent: 'an administrator or developer who fetches a tool from a machine of his own network',
  detect({ action, path = '', image = '', user = '', original }) {
    if (action !== 'stream' || !path.toLowerCase().endsWith(MARK)) return undefined
    const file = path.slice(0, -MARK.length)
    const [, url = '', host = ''] = HOST_URL.exec(original.get('Contents') ?? '') ?? []
    const address = host.replace(/^\[|\]$/g, '')
    if (!RUNS.test(file) || !isAddress(address) || isLoopback(address)) return undefined
    const disguised = isDisguisedAsDocument(file)
    return {
      title: `${fileNameOf(image) || 'a program'} saved ${fileNameOf(file)} from ${url.slice(0, 200)}`,
      object: file.toLowerCase(),
      severity: disguised ? 'medium' : 'low',
      accounts: [user],
      addresses: [address],
    }
  },
}
