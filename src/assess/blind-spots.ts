import {
  type BlindSpot,
  type Correlation,
  type Coverage,
  type CoverageRow,
  type Finding,
  type Incident,
  isoFromMicros,
  MICROS_PER_DAY,
  type Micros,
  machineKinds,
  micros,
  type Sight,
  shortHostName,
} from '../model/index.ts'
import { sidesOf, unseenSides } from './unseen-sides.ts'
import { missingAreas } from './verdict.ts'

/** More rows than this nobody reads; the first are those about the machines of incidents. */
const MOST = 200

/** What could not be seen, what follows from that, and how to close it: machines of incidents first. */
export function blindSpots(
  correlation: Correlation,
  coverage: Coverage,
  { sights, withoutAssets }: { readonly sights: readonly Sight[]; readonly withoutAssets: boolean },
): readonly BlindSpot[] {
  const involved = new Set(correlation.incidents.flatMap(machinesOf).map(shortHostName))
  // Sysmon's command lines are the host's, whatever its security log leaves out.
  const told = new Set(coverage.sources.filter(row => row.host !== '' && row.commandLines === 'yes').map(row => row.host))
  const rows = coverage.sources.flatMap(row => fieldGaps(row, told.has(row.host)))
  const spots = [
    ...areaGaps(coverage),
    ...correlation.incidents.flatMap(incident => incidentGaps(incident, coverage, sights)),
    ...correlation.incidents.flatMap(incident => unseenSides(incident, sights)),
    ...correlation.incidents.flatMap(unseenWays),
    ...correlation.findings.flatMap(holes),
    ...correlation.findings.flatMap(memoryOfServers),
    ...correlation.incidents.flatMap(relayGaps),
    ...rows.filter(spot => involved.has(shortHostName(spot.where))),
    ...rows.filter(spot => !involved.has(shortHostName(spot.where))),
    ...unreadGaps(coverage),
    ...cutGaps(correlation),
    ...(withoutAssets && correlation.incidents.length > 0 ? [NO_ASSETS] : []),
  ]
  const seen = new Set<string>()
  return spots
    .filter(spot => {
      const key = [spot.what, spot.where, spot.from, spot.to].join('\n')
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
    .slice(0, MOST)
}

const NO_ASSETS: BlindSpot = {
  what: 'No asset list',
  where: 'the whole case',
  from: '',
  to: '',
  consequence: 'Which services depend on the machines of the incident, and what the intruder could reach next, cannot be said.',
  howToClose:
    'Write one (sites, zones, machines, services and what they need; the example has one) and hunt again with --assets FILE.',
}

function machinesOf(incident: Incident): readonly string[] {
  return incident.entities.filter(entity => machineKinds.includes(entity.entity)).map(entity => entity.name)
}

function areaGaps(coverage: Coverage): readonly BlindSpot[] {
  const hints: readonly (readonly [RegExp, string, string])[] = [
    [
      /log-ons/,
      'Who came in and moved between machines stays unseen.',
      'Add Security event logs of the domain controllers and servers, VPN logs, and auth.log of Linux machines.',
    ],
    [
      /processes/,
      'What was run on machines and asked of web servers stays unseen.',
      'Add Security or Sysmon event logs with process starts, and access logs of web servers.',
    ],
    [
      /network/,
      'Remote control, relays and data taken out stay unseen.',
      'Add firewall traffic logs or Zeek logs of the same days.',
    ],
    [/parts/, 'What stands in the parts that were not read is unknown.', 'Run the same hunt again: it goes on where it stopped.'],
  ]
  return missingAreas(coverage).map(missing => {
    const hint = hints.find(([pattern]) => pattern.test(missing))
    const what = missing.charAt(0).toUpperCase() + missing.slice(1)
    return { what, where: 'the whole case', from: '', to: '', consequence: hint?.[1] ?? '', howToClose: hint?.[2] ?? '' }
  })
}

/** Fields without which the records of a source say little. */
function fieldGaps(row: CoverageRow, hasCommandLines: boolean): readonly BlindSpot[] {
  const where = row.host === '' ? 'an unnamed machine' : row.host
  const base = { where, from: row.firstTime, to: row.lastTime }
  return [
    ...(row.commandLines === 'no' && !hasCommandLines
      ? [
          {
            ...base,
            what: `Process starts without command lines (${row.source})`,
            consequence:
              'Tools of the system cannot be told from their misuse: the name of ntdsutil or netsh alone says nothing.',
            howToClose: 'Switch on "Include command line in process creation events" by group policy, or install Sysmon.',
          },
        ]
      : []),
    ...(row.scriptBlocks === 'no'
      ? [
          {
            ...base,
            what: 'PowerShell without script blocks',
            consequence: 'What PowerShell ran is not in the log.',
            howToClose: 'Switch on PowerShell script block logging (event 4104) by group policy.',
          },
        ]
      : []),
    ...(row.sysmon === 'no' && row.source === 'security'
      ? [
          {
            ...base,
            what: 'No Sysmon',
            consequence: 'Which process opened a connection, wrote a file or read another process is not recorded.',
            howToClose: 'Install Sysmon on servers that face outside and on domain controllers first.',
          },
        ]
      : []),
  ]
}

/** Around an incident each of its machines should speak from a day before to a day after. */
function incidentGaps(incident: Incident, coverage: Coverage, sights: readonly Sight[]): readonly BlindSpot[] {
  const { firstTime, lastTime } = incident
  if (firstTime === undefined) return []
  return machinesOf(incident).flatMap(machine => {
    const rows = coverage.sources.filter(row => shortHostName(row.host) === shortHostName(machine) && row.firstTime !== '')
    // A machine without a name is called after its own log, so it has one.
    if (rows.length === 0 && (machine.startsWith('web server of ') || sights.some(log => log.own && log.machine === machine)))
      return []
    if (rows.length === 0)
      return [
        {
          what: 'No log of its own',
          where: machine,
          from: isoFromMicros(firstTime),
          to: isoFromMicros(lastTime ?? firstTime),
          consequence: `It is known from what others recorded about it; what was done on it is unseen. ${sidesOf(machine, incident.steps, { from: firstTime, to: lastTime ?? firstTime })}`,
          howToClose: 'Export its event logs (`wevtutil epl`) or syslog for this time and hunt them into the same case.',
        },
      ]
    const first = rows.map(row => row.firstTime).reduce((a, b) => (a < b ? a : b))
    const last = rows.map(row => row.lastTime).reduce((a, b) => (a > b ? a : b))
    const dayBefore = isoFromMicros(micros(firstTime - MICROS_PER_DAY))
    const dayAfter = isoFromMicros(micros((lastTime ?? firstTime) + MICROS_PER_DAY))
    return [
      ...(first > dayBefore
        ? [
            {
              what: 'Records begin less than a day before the first step',
              where: machine,
              from: dayBefore,
              to: first,
              consequence: 'The true beginning may lie earlier.',
              howToClose: 'Add older logs: archived event logs, backups, shadow copies or the central log store.',
            },
          ]
        : []),
      ...(last < dayAfter
        ? [
            {
              what: 'Records end less than a day after the last step',
              where: machine,
              from: last,
              to: dayAfter,
              consequence: 'Whether the intruder is still there, or came back, is unknown.',
              howToClose: 'Export the logs again now and hunt them into the same case.',
            },
          ]
        : []),
    ]
  })
}

/** Holes in record numbers, silent hours and cleared logs are findings of the log detectors. */
const holeIn = (finding: Finding) => finding.witnesses.find(witness => witness.rule.startsWith('log-gaps/'))
const iso = (time: Micros | undefined) => (time === undefined ? '' : isoFromMicros(time))

function holes(finding: Finding): readonly BlindSpot[] {
  const witness = holeIn(finding)
  if (!witness) return []
  return [
    {
      what: witness.title,
      where: finding.hosts.join(', ') || finding.object,
      from: iso(finding.firstTime),
      to: iso(finding.lastTime),
      consequence: `${finding.title}. What is missing is not in this log; that it is missing may itself be the work of an intruder.`,
      howToClose:
        'Look for the missing records in forwarded events, backups, shadow copies and the logs of machines it talked to.',
    },
  ]
}

/** Evidence on disk and in logs never shows all shells of a server where one was used. */
function memoryOfServers(finding: Finding): readonly BlindSpot[] {
  const telling =
    finding.techniques.some(technique => technique.startsWith('T1505.00')) && !/^(?:low|informational)$/.test(finding.severity)
  if (!telling || !finding.witnesses.some(({ rule }) => rule.startsWith('web-shell/'))) return []
  return [...new Set(finding.hosts.map(shortHostName))].map(host => ({
    what: 'Shells that live only in memory',
    where: host,
    from: '',
    to: '',
    consequence:
      'A filter or agent in a Java server, a module or assembly in IIS leaves no file. Of such a shell this evidence can show requests to pages without a file, what the server’s process starts and opens, and agents on command lines; that none of it is here does not mean that there is none.',
    howToClose:
      'Take a memory image of the web server’s process before it is restarted; of Java a heap dump with the list of filters and servlets, of IIS the list of loaded modules.',
  }))
}

/** Connections of the story of which a sensor saw one direction only. */
function unseenWays(incident: Incident): readonly BlindSpot[] {
  return incident.steps.flatMap(({ unseen, from, to, time, title }) =>
    unseen === undefined
      ? []
      : [
          {
            what: 'Only one direction of a connection was recorded',
            where: `${from.name} to ${to.name}`,
            from: iso(time),
            to: iso(incident.lastTime),
            consequence: `${title}. ${unseen}`,
            howToClose:
              'Look for the same connection in firewall logs, flow records of the provider or another sensor, and repair the mirror port.',
          },
        ],
  )
}

function relayGaps(incident: Incident): readonly BlindSpot[] {
  return incident.trailEnds.map(end => ({
    what: 'The trail ends',
    where: end.at,
    from: iso(incident.firstTime),
    to: iso(incident.lastTime),
    consequence: end.why,
    howToClose: end.whatWouldContinueIt,
  }))
}

function unreadGaps(coverage: Coverage): readonly BlindSpot[] {
  const unread = coverage.itemsNotRead + coverage.itemsUnknown
  if (unread === 0) return []
  return [
    {
      what: `${unread} evidence ${unread === 1 ? 'item was' : 'items were'} not read`,
      where: 'the whole case',
      from: '',
      to: '',
      consequence: 'What these items hold is not part of this report.',
      howToClose: 'The list of evidence names each with the command that makes it readable.',
    },
  ]
}

function cutGaps(correlation: Correlation): readonly BlindSpot[] {
  return correlation.cuts.map(cut => ({
    what: `Left out on purpose: ${cut.count} ${cut.what}`,
    where: 'the whole case',
    from: '',
    to: '',
    consequence: cut.why,
    howToClose: 'Search the case by hand for these if the story does not explain itself.',
  }))
}
