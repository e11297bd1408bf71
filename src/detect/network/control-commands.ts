import { draftOf, flagOf, listOf, MICROS_PER_DAY, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/**
 * Functions that change something, as Zeek names them: writes of Modbus (Modbus Application Protocol 1.1b3, 6), select, operate, restart,
 * file and configuration requests of DNP3 (IEEE 1815, 4.4), and function codes that only a maker knows.
 */
const CHANGES =
  '=(?:[A-Z_]*WRITE[A-Z_]*|SELECT|OPERATE|DIRECT_OPERATE[A-Z_]*|(?:COLD|WARM)_RESTART|INITIALIZE_[A-Z]+|ST(?:ART|OP)_APPL|(?:SAVE|ACTIVATE)_CONFIG[A-Z]*|DELETE_FILE|unknown-[0-9]+)(?: |$)'
/** The name of the function alone. */
const FUNCTION = '^.*?=([A-Za-z_]+(?:-[0-9]+)?).*$'
const NAMES: Readonly<Record<string, string>> = { modbus: 'Modbus', dnp3: 'DNP3' }

/** Others must have been seen with the controller for so long before: a sensor that was just switched on knows nobody. */
const KNOWN_BEFORE = MICROS_PER_DAY

/**
 * One machine tells a controller to do something. Whoever had no contact with any controller until the day it began to give orders, to a
 * controller that others were seen with for a day and more, is a newcomer among its masters: these are few and stay the same for years.
 */
export const controlCommands: SetDetector = {
  id: 'network/control-commands',
  title: 'Commands to a controller',
  on: 'set',
  reads: ['other_activity'],
  techniques: ['T0855'],
  severity: 'informational',
  confidence: 'high',
  why: 'Switches, valves and set points are moved by such commands; they carry no password, so whoever reaches the controller can send them.',
  innocent: 'the control system itself, an engineering workstation at work, a new operator station, a test',
  query: sql => `
    with command as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, code, ${sql.replaceAll('message', FUNCTION, '\\1')} as called
      from other_activity
      where code in ('modbus', 'dnp3') and srcIp <> '' and dstIp <> '' and ${sql.matches('message', CHANGES)}
        -- an answer repeats the function; Zeek writes both since version 6
        and not ${sql.matches('message', 'pdu_type=RESP|_EXCEPTION')}),
    contact as (
      select srcIp as master, dstIp as device, code as protocol, min("time") as since
      from other_activity where code in ('modbus', 'dnp3') and srcIp <> '' and dstIp <> '' and "time" is not null
        and not ${sql.matches('message', 'pdu_type=RESP')} group by srcIp, dstIp, code),
    known as (select master, protocol, min(since) as since from contact group by master, protocol),
    others as (
      select mine.master as master, mine.device as device, mine.protocol as protocol, min(theirs.since) as since, count(*) as masters, ${sql.distinctList('theirs.master', 4)} as names
      from contact mine
      join known on known.master = mine.master and known.protocol = mine.protocol
      join contact theirs on theirs.device = mine.device and theirs.protocol = mine.protocol and theirs.master <> mine.master
        and theirs.since <= known.since - ${KNOWN_BEFORE}
      group by mine.master, mine.device, mine.protocol),
    total as (
      select srcIp, dstIp, code, not ${sql.isInternalAddress('srcIp')} and ${sql.isInternalAddress('dstIp')} as fromOutside, count(*) as total, min("time") as firstTime, max("time") as lastTime,
        ${sql.distinctList('called', 12)} as functions, ${sql.records()} as refs
      from command group by srcIp, dstIp, code)
    select total.*, coalesce(firstTime - known.since < ${KNOWN_BEFORE} and others.since is not null, false) as newcomer,
      coalesce(known.since - others.since, 0) as watched, coalesce(masters, 0) as masters, names
    from total
    left join known on known.master = srcIp and known.protocol = code
    left join others on others.master = srcIp and others.device = dstIp and others.protocol = code
    order by total desc, srcIp, dstIp, code`,
  finding(row) {
    const [from, to] = [textOf(row, 'srcIp'), textOf(row, 'dstIp')]
    const functions = listOf(row, 'functions')
    const times = numberOf(row, 'total')
    const outside = flagOf(row, 'fromOutside')
    const newcomer = flagOf(row, 'newcomer')
    const masters = numberOf(row, 'masters')
    const days = Math.floor(numberOf(row, 'watched') / MICROS_PER_DAY)
    const why = [
      this.why,
      ...(outside ? ['This one came from an outside address.'] : []),
      ...(newcomer
        ? [
            `For ${days === 1 ? 'a day' : `${days} days`} before, ${masters === 1 ? `only ${listOf(row, 'names')[0]}` : `${masters} others (${listOf(row, 'names').join(', ')})`} spoke to this controller, and ${from} to no controller at all.`,
          ]
        : []),
    ].join(' ')
    return draftOf(this, {
      title: `${from}${newcomer ? ', never seen with a controller before,' : ''} sent commands to the controller ${to} by ${NAMES[textOf(row, 'code')] ?? textOf(row, 'code')}, ${times} time${times === 1 ? '' : 's'}: ${functions.slice(0, 4).join(', ')}`,
      object: `${from} > ${to} ${textOf(row, 'code')}`,
      severity: outside || newcomer ? 'medium' : 'informational',
      confidence: newcomer && !outside ? 'moderate' : this.confidence,
      // Ordinary control traffic is no attack by itself.
      techniques: outside || newcomer ? this.techniques : [],
      hosts: [to],
      addresses: [from, to],
      why,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: times,
    })
  },
}
