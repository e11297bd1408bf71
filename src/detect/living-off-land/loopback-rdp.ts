import { type EventOf, fileNameOf, isLoopback, type Match, type RecordDetector } from '../../model/index.ts'

const RDP_PORT = 3389
/** The remote-desktop client connects to itself when somebody tests a listener; everything else on the source side is a tunnel's end. */
const CLIENT = /^(?:mstsc|msrdc|rdcman|mremoteng|royalts\w*)\.exe$/

/** A remote-desktop session that comes from the machine itself: the far end of a tunnel. */
export const loopbackRdp: RecordDetector<'authentication' | 'network_activity' | 'rdp_activity'> = {
  on: 'record',
  id: 'living-off-land/loopback-rdp',
  title: 'Remote desktop over a tunnel (source is the machine itself)',
  reads: ['authentication', 'network_activity', 'rdp_activity'],
  techniques: ['T1572', 'T1021.001'],
  severity: 'high',
  confidence: 'high',
  why: 'Nobody connects by remote desktop to the machine he sits at: a loopback source means the session came through a tunnel (SSH, plink, a relay) that hides its origin.',
  innocent: 'a remote-support product or an SSH client that forwards remote desktop on purpose',
  detect(event) {
    switch (event.kind) {
      case 'authentication':
        return loggedOn(event)
      case 'rdp_activity':
        return session(event)
      case 'network_activity':
        return connected(event)
    }
  },
}

const OBJECT = 'rdp over loopback'

function loggedOn(logon: EventOf<'authentication'>): Match | undefined {
  if (logon.action !== 'logon' || logon.logonType !== 10 || !isLoopback(logon.srcIp ?? '')) return undefined
  const failed = logon.outcome === 'failure'
  return {
    title: `${logon.user || 'an account'} ${failed ? 'failed to log' : 'logged'} on by remote desktop from ${logon.srcIp}`,
    object: OBJECT,
    succeeded: !failed,
  }
}

function session(rdp: EventOf<'rdp_activity'>): Match | undefined {
  if (!isLoopback(rdp.srcIp ?? '') || (rdp.action !== 'connect' && rdp.action !== 'logon' && rdp.action !== 'reconnect'))
    return undefined
  return { title: `Remote desktop session of ${rdp.user || 'an account'} from ${rdp.srcIp}`, object: OBJECT }
}

function connected(flow: EventOf<'network_activity'>): Match | undefined {
  if (flow.action === 'deny' || flow.action === 'listen') return undefined
  if (!isLoopback(flow.srcIp ?? '') || !isLoopback(flow.dstIp ?? '')) return undefined
  if (flow.dstPort !== RDP_PORT && flow.srcPort !== RDP_PORT) return undefined
  const name = fileNameOf(flow.image ?? '')
  if (CLIENT.test(name)) return undefined
  return {
    title: `${name || 'a process'} connected to remote desktop over ${flow.dstIp}`,
    object: OBJECT,
    ...(name === 'svchost.exe' ? {} : { techniques: ['T1572'] }),
  }
}
