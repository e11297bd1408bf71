import { fileNameOf, isInternalAddress, type RecordDetector, shortCommand } from '../../model/index.ts'
import { addressIn, hiddenText, hostileCommand, isLinuxProcess, isVendorInstaller } from './places.ts'

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
    const outer = hostileCommand(line)
    if (!outer) return undefined
    // What is hidden in it says more than that something is.
    const hidden = outer.techniques.includes('T1027') ? hiddenText(line) : ''
    const inner = hidden === '' ? undefined : hostileCommand(hidden)
    const seen = inner ? { what: inner.what, techniques: [...new Set([...inner.techniques, 'T1027'])] } : outer
    const fetches = seen.techniques.includes('T1105')
    const address = addressIn(inner ? hidden : line)
    // What a vendor publishes and developers type all day is no finding; a bare address instead of a name is no vendor.
    if (fetches && isVendorInstaller(line)) return undefined
    return {
      title: `${seen.what}: ${inner ? `${shortCommand(hidden, 80)}, hidden in ` : ''}${shortCommand(line, 100)}`.replace(
        /^./,
        first => first.toUpperCase(),
      ),
      object: fileNameOf(process.image ?? '') || 'sh',
      techniques: seen.techniques,
      severity: fetches
        ? address === undefined
          ? 'low'
          : 'medium'
        : seen === outer && outer.techniques.includes('T1027')
          ? 'medium'
          : 'high',
      addresses: address !== undefined && !isInternalAddress(address) ? [address] : [],
      accounts: process.user ? [process.user] : [],
    }
  },
}
