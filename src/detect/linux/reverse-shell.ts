import { fileNameOf, isInternalAddress, type RecordDetector, shortCommand } from '../../model/index.ts'
import { addressIn, hostileCommand, isLinuxProcess, isVendorInstaller } from './places.ts'

/** A command that connects a shell to another machine, or runs what it fetches. */
export const reverseShell: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'linux/reverse-shell',
  title: 'Shell handed to another machine',
  reads: 'process_activity',
  techniques: ['T1059.004'],
  severity: 'high',
  confidence: 'high',
  why: 'A shell whose input and output are a connection is worked by whoever sits at the other end.',
  innocent: "an administrator's test, an installer that its vendor publishes as one line (curl … | sh)",
  detect(process) {
    if (process.action !== 'start' || !isLinuxProcess(process)) return undefined
    const line = process.commandLine ?? ''
    const seen = hostileCommand(line)
    if (!seen) return undefined
    const fetches = seen.techniques.includes('T1105')
    const address = addressIn(line)
    // What a vendor publishes and developers type all day is no finding; a bare address instead of a name is no vendor.
    if (fetches && isVendorInstaller(line)) return undefined
    return {
      title: `${seen.what}: ${shortCommand(line)}`.replace(/^./, first => first.toUpperCase()),
      object: fileNameOf(process.image ?? '') || 'sh',
      techniques: seen.techniques,
      severity: fetches ? (address === undefined ? 'low' : 'medium') : seen.techniques.includes('T1027') ? 'medium' : 'high',
      addresses: address !== undefined && !isInternalAddress(address) ? [address] : [],
      accounts: process.user ? [process.user] : [],
    }
  },
}
