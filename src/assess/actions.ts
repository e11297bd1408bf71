import { edgeDeviceOf, PLANT_MOVES, supportState } from '../knowledge/index.ts'
import {
  type Action,
  type Assessment,
  type AssetModel,
  type BlindSpot,
  type Correlation,
  type Finding,
  type FindingId,
  type Incident,
  isMachineAccount,
  isoFromMicros,
} from '../model/index.ts'
import { assetFinder } from './impact/site-model.ts'

type Draft = Omit<Action, 'order'>

/** Kinds in the order they are done: nothing is contained before it is kept, nobody is thrown out before all ways back are known. */
const ORDER: readonly Action['kind'][] = ['preserve', 'contain', 'evict', 'close-gap']

/** Everything an action is chosen by. */
export interface ActionBasis {
  readonly correlation: Correlation
  readonly assets: AssetModel | undefined
  readonly impact: Assessment['impact']
  readonly blindSpots: readonly BlindSpot[]
  readonly level: Assessment['verdict']['level']
}

/** What to do, in order: preserve, contain, evict, close the gaps. */
export function actionsFor(basis: ActionBasis): readonly Action[] {
  const scene = sceneOf(basis)
  const drafts = [...preserve(scene), ...contain(scene), ...evict(scene), ...closeGaps(scene)]
  return drafts
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
    .map((draft, index) => ({ order: index + 1, ...draft }))
}

/** The incidents at a glance. */
interface Scene extends ActionBasis {
  readonly machines: readonly string[]
  readonly edge: readonly string[]
  readonly accounts: readonly string[]
  readonly outside: readonly string[]
  /** Ids of the incident findings with a technique. */
  with(pattern: RegExp): readonly FindingId[]
  machinesWith(pattern: RegExp): readonly string[]
}

function sceneOf(basis: ActionBasis): Scene {
  const { incidents, findings } = basis.correlation
  const involved = new Set(incidents.flatMap(incident => incident.findings))
  const own: readonly Finding[] = findings.filter(finding => involved.has(finding.id))
  const named = (kinds: readonly string[]) =>
    [
      ...new Set(
        incidents.flatMap(incident =>
          incident.entities.filter(entity => kinds.includes(entity.entity)).map(entity => entity.name),
        ),
      ),
    ].sort()
  const matching = (pattern: RegExp) => own.filter(finding => finding.techniques.some(id => pattern.test(id)))
  const steps = incidents.flatMap((incident: Incident) => incident.steps)
  return {
    ...basis,
    machines: named(['host', 'critical-service']),
    edge: named(['edge-device']),
    accounts: named(['account']).filter(account => !isMachineAccount(account)),
    outside: [...new Set(incidents.flatMap(incident => [...incident.roles.sources, ...incident.roles.controllers]))].sort(),
    with: pattern => matching(pattern).map(finding => finding.id),
    machinesWith(pattern) {
      const ids = new Set(matching(pattern).map(finding => finding.id))
      return [
        ...new Set(
          steps
            .filter(step => step.findings.some(id => ids.has(id)))
            .map(step => (step.to.entity === 'outside-address' ? step.from.name : step.to.name)),
        ),
      ].sort()
    },
  }
}

const all = (scene: Scene) => scene.correlation.incidents.flatMap(incident => incident.findings)

function preserve(scene: Scene): readonly Draft[] {
  if (scene.correlation.incidents.length === 0) return []
  const first = scene.correlation.incidents.map(incident => incident.firstTime).filter(time => time !== undefined)
  const since = first.length === 0 ? '' : ` from ${isoFromMicros(first.reduce((a, b) => (a < b ? a : b))).slice(0, 10)} on`
  const shells = scene.with(/^T1505\.003/)
  const orders = scene.with(PLANT_MOVES)
  const controllers = new Set(orders.length > 0 ? scene.machinesWith(PLANT_MOVES) : [])
  const machines = scene.machines.filter(machine => !controllers.has(machine))
  return [
    ...(controllers.size > 0
      ? [
          {
            kind: 'preserve' as const,
            what: 'Ask the plant’s operators what the controllers did, and read out their programs and set points',
            targets: [...controllers],
            doFirst:
              'Be ready to run by hand. Compare the program and the set points with the last good copy; look at the levels, pressures and switch positions of that time in the historian.',
            doNot:
              'Do not restart or reload a controller before it was read out: outputs may move, and what was changed is gone.',
            why: 'Orders that can move something came from where none should come from.',
            effort: 'an hour, before everything else',
            findings: orders,
          },
        ]
      : []),
    ...(scene.edge.length > 0
      ? [
          {
            kind: 'preserve' as const,
            what: 'Take memory and configuration of the edge devices',
            targets: scene.edge,
            doFirst: 'Ask the vendor how to take a memory image of the model; export configuration, local users and logs.',
            doNot: 'Do not reboot or update: implants on such devices live in memory only and a restart erases the proof.',
            why: 'The intruder came through or was seen on them.',
            effort: 'half a day each',
            findings: all(scene),
          },
        ]
      : []),
    ...(machines.length > 0
      ? [
          {
            kind: 'preserve' as const,
            what: 'Take memory, then disk and event logs of the machines',
            targets: machines,
            doFirst: 'Start with the machine that was used last; write to a drive of your own, not to the machine.',
            doNot: 'Do not switch off, scan or clean them yet.',
            why: 'What is in memory (injected code, tunnels, passwords) is gone with the power.',
            effort: 'half a day each',
            findings: all(scene),
          },
        ]
      : []),
    {
      kind: 'preserve',
      what: `Keep all logs${since} and stop their rotation`,
      targets: [
        'firewall and VPN logs',
        'web server logs',
        'event logs of domain controllers',
        'flow records, also those of your provider',
      ],
      doFirst: 'Raise size limits and copy to a place that the accounts below cannot write to.',
      doNot: 'Do not talk about it over mail or chat of the same network.',
      why: 'Logs of devices are overwritten within days, and the next questions need them.',
      effort: 'an hour or two',
      findings: all(scene),
    },
    ...(shells.length > 0
      ? [
          {
            kind: 'preserve' as const,
            what: 'Copy the whole web root with its times',
            targets: scene.machinesWith(/^T1505\.003/),
            doFirst: 'Hash every file; note which are not part of the delivered application.',
            doNot: 'Do not delete the page yet: who calls it next is worth knowing, and one is rarely alone.',
            why: 'A web shell is in the evidence.',
            effort: 'an hour',
            findings: shells,
          },
        ]
      : []),
  ]
}

function contain(scene: Scene): readonly Draft[] {
  if (scene.level === 'nothing-found' || scene.level === 'insufficient-evidence') return []
  if (scene.level === 'suspicious')
    return [
      {
        kind: 'contain',
        what: 'Ask the people whose work it may be',
        targets: scene.accounts.length > 0 ? scene.accounts : scene.machines,
        doFirst:
          'Compare with change tickets and backup plans; record the answer with `barograph mark FINDING --ours REASON --until DATE`.',
        doNot: 'Do not ask over an account or machine that is itself in question.',
        why: 'What was seen has innocent explanations that only you can confirm.',
        effort: 'an hour',
        findings: all(scene),
      },
    ]
  return [
    {
      kind: 'contain',
      what: 'Prepare one moment for everything below, then do it together',
      targets: scene.machines,
      doFirst: 'Find every way back first: look for the same accounts, addresses and files on all machines.',
      doNot: 'Do not block one address or reset one password ahead of the rest: it warns the intruder, who then changes ways.',
      why: 'Who lives off the land keeps several ways in.',
      effort: 'a day of planning',
      findings: all(scene),
    },
    ...(scene.impact.cut.length > 0
      ? [
          {
            kind: 'contain' as const,
            what: 'Separate what is still safe',
            targets: scene.impact.cut.map(point => point.what),
            doFirst: `Tell the people who run ${[...new Set(scene.impact.cut.flatMap(point => point.protects))].join(', ') || 'the services'}; have a way to work by hand.`,
            doNot: 'Do not cut safety systems off their own network.',
            why: 'It is the cheapest cut that leaves no allowed way from the machines the intruder was on to what these services need.',
            effort: 'an hour for a connection, a day for a machine',
            findings: all(scene),
          },
        ]
      : []),
    ...(scene.outside.length > 0
      ? [
          {
            kind: 'contain' as const,
            what: 'Block and watch the addresses',
            targets: scene.outside,
            doFirst: 'Search all logs for them; keep logging what is blocked.',
            doNot:
              'Do not count on it: relays are other people’s devices and change within weeks. Do not attack or contact them.',
            why: 'The intruder came from or reported to them.',
            effort: 'an hour',
            findings: all(scene),
          },
        ]
      : []),
  ]
}

function evict(scene: Scene): readonly Draft[] {
  if (scene.level !== 'intrusion') return []
  const database = scene.with(/^T1003\.003/)
  const shells = scene.with(/^T1505\.003/)
  const credentials = scene.with(/^T1003|^T1110|^T1078|^T1552|^T1555/)
  const proxies = scene.with(/^T1090|^T1572/)
  const footholds = scene.with(/^T1053|^T1543|^T1547|^T1546|^T1136|^T1098/)
  return [
    ...(shells.length > 0
      ? [
          {
            kind: 'evict' as const,
            what: 'Rebuild the web server from known good media',
            targets: scene.machinesWith(/^T1505\.003/),
            doFirst: 'Close the hole it came through; compare the new web root with the delivered application.',
            doNot: 'Do not only delete the page.',
            why: 'Whoever can run commands in the web server can have left more.',
            effort: 'a day or two',
            findings: shells,
          },
        ]
      : []),
    ...(proxies.length > 0
      ? [
          {
            kind: 'evict' as const,
            what: 'Remove port forwards and tunnels',
            targets: scene.machinesWith(/^T1090|^T1572/),
            doFirst: 'List them on all machines (`netsh interface portproxy show all`, ssh and service configurations).',
            doNot: 'Do not forget the firewall rules that were opened for them.',
            why: 'They carry the intruder’s traffic through your own machines.',
            effort: 'an hour each',
            findings: proxies,
          },
        ]
      : []),
    ...(footholds.length > 0
      ? [
          {
            kind: 'evict' as const,
            what: 'Remove tasks, services, start entries and accounts that were added',
            targets: scene.machinesWith(/^T1053|^T1543|^T1547|^T1546|^T1136|^T1098/),
            doFirst: 'Compare with a machine of the same kind that was not touched.',
            doNot: 'Do not remove what a ticket explains.',
            why: 'They bring the intruder back after a restart.',
            effort: 'half a day',
            findings: footholds,
          },
        ]
      : []),
    ...(database.length > 0
      ? [
          {
            kind: 'evict' as const,
            what: 'Reset every password of the domain, krbtgt twice',
            targets: scene.machinesWith(/^T1003\.003/),
            doFirst:
              'Plan it with the moment above; wait for replication between the two resets of krbtgt; include service accounts and trusts.',
            doNot: 'Do not start while the intruder is still on a domain controller.',
            why: 'The domain password database left: every password and key in it is known.',
            effort: 'weeks, a weekend for the reset itself',
            findings: database,
          },
        ]
      : credentials.length > 0
        ? [
            {
              kind: 'evict' as const,
              what: 'Reset the accounts and end their sessions',
              targets: scene.accounts.length > 0 ? scene.accounts : scene.machines,
              doFirst: 'Include everybody who was logged on to these machines at the time, and service accounts.',
              doNot: 'Do not reset one by one over days.',
              why: 'Their passwords or keys were used or could be read.',
              effort: 'a day',
              findings: credentials,
            },
          ]
        : []),
  ]
}

function closeGaps(scene: Scene): readonly Draft[] {
  const remote = scene.with(/^T1133|^T1110|^T1078/)
  const spots = new Map<string, { readonly spot: BlindSpot; readonly where: Set<string> }>()
  for (const spot of scene.blindSpots) {
    if (spot.what === 'The trail ends' || spot.what.startsWith('Left out on purpose')) continue
    const key = spot.howToClose
    const known = spots.get(key) ?? { spot, where: new Set<string>() }
    known.where.add(spot.where)
    spots.set(key, known)
  }
  return [
    ...(remote.length > 0
      ? [
          {
            kind: 'close-gap' as const,
            what: 'Ask for a second factor that cannot be phished on every way in from outside',
            targets: scene.edge,
            doFirst: 'Start with administrators and vendors.',
            doNot: 'Do not leave service accounts stored on the edge device outside the rule.',
            why: 'A password alone was enough.',
            effort: 'a week or two',
            findings: remote,
          },
        ]
      : []),
    ...deviceGaps(scene),
    ...[...spots.values()].slice(0, 8).map(({ spot, where }) => ({
      kind: 'close-gap' as const,
      what: spot.howToClose,
      targets: [...where].sort().slice(0, 20),
      doFirst: 'Start with the machines named first.',
      doNot: 'Do not change logging on machines whose evidence is not kept yet.',
      why: `${spot.what}: ${spot.consequence}`,
      effort: 'an hour or two',
      findings: [],
    })),
  ]
}

/** Edge devices of the asset list that nobody fixes any more, or that are known to be attacked. */
function deviceGaps(scene: Scene): readonly Draft[] {
  const { assets, correlation } = scene
  if (!assets) return []
  const day = correlation.incidents.map(incident => incident.lastTime).filter(time => time !== undefined)
  // The state on the day of the incident: today's date would make the same evidence give another report.
  const on = day.length === 0 ? '' : isoFromMicros(day.reduce((a, b) => (a > b ? a : b))).slice(0, 10)
  const assetOf = assetFinder(assets)
  const touched = new Set(
    correlation.incidents.flatMap(incident => incident.steps.flatMap(step => [assetOf(step.from), assetOf(step.to)])),
  )
  return assets.assets.flatMap(asset => {
    const device = edgeDeviceOf(asset.vendor, asset.model)
    const support = on === '' ? undefined : supportState(asset, on)
    if (support?.state !== 'ended' && !(device && touched.has(asset))) return []
    const ended = support?.state === 'ended'
    const known =
      device && device.exploited.length > 0 ? ` Known to be attacked: ${device.exploited.join(', ')} (${device.source}).` : ''
    return [
      {
        kind: 'close-gap' as const,
        what: ended
          ? `Replace ${asset.names[0] ?? asset.id}`
          : `Check the version of ${asset.names[0] ?? asset.id} against its vendor's advisories`,
        targets: [asset.names[0] ?? asset.id],
        doFirst: 'Keep its memory and configuration first (see above).',
        doNot: 'Do not carry its configuration over unread: local users and stored accounts may be the intruder’s.',
        why:
          `${asset.vendor} ${asset.model} ${asset.firmware}`.trim() +
          (ended ? ` is no longer fixed${support?.date ? ` (since ${support.date})` : ''}.` : ' faces outside.') +
          known,
        effort: ended ? 'weeks' : 'an hour',
        findings: [],
      },
    ]
  })
}
