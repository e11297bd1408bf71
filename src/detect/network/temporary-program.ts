import { fileNameOf, isInternalAddress, isLoopback, type RecordDetector } from '../../model/index.ts'

/** Folders anybody may write to and nobody installs into. AppData\\Local itself is left out: many programs install themselves there. */
const TEMPORARY =
  /\\(?:windows\\(?:temp|tasks|debug)|users\\public|appdata\\local\\temp|\$recycle\.bin|perflogs)\\|^[a-z]:\\(?:temp|tmp|perflogs)\\|^\/(?:tmp|var\/tmp|dev\/shm)\//i
/** Ports that installers and updaters use. */
const ORDINARY_PORTS: ReadonlySet<number> = new Set([
  53, 80, 123, 443, 445, 389, 636, 88, 135, 139, 3128, 8080, 3389, 22, 21, 25, 587,
])

/** A program that runs out of a temporary folder opens a connection. */
export const temporaryProgram: RecordDetector<'network_activity'> = {
  id: 'network/temporary-program',
  title: 'Program in a temporary folder opens a connection',
  on: 'record',
  reads: 'network_activity',
  techniques: ['T1071'],
  severity: 'low',
  confidence: 'moderate',
  why: 'Programs are installed before they are used; what runs out of a temporary folder and calls somebody was brought in.',
  innocent: 'an installer or updater that unpacks itself into a temporary folder',
  detect({ action, image = '', dstIp = '', dstPort, initiatorKnown, user = '' }) {
    if (image === '' || action === 'listen' || action === 'deny' || initiatorKnown === false || !TEMPORARY.test(image))
      return undefined
    if (dstIp === '' || dstPort === undefined || isLoopback(dstIp)) return undefined
    const ordinary = ORDINARY_PORTS.has(dstPort)
    if (ordinary && isInternalAddress(dstIp)) return undefined
    const peer = `${dstIp}:${dstPort}`
    return {
      title: `${fileNameOf(image)} in a temporary folder connected to ${peer}`,
      object: `${image.toLowerCase()} > ${peer}`,
      severity: ordinary ? 'low' : 'medium',
      techniques: ordinary ? ['T1071'] : ['T1071', 'T1571'],
      accounts: [user],
      addresses: [dstIp],
    }
  },
}
