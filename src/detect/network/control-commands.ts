import { draftOf, flagOf, listOf, numberOf, type SetDetector, textOf } from '../../model/index.ts'

/**
 * Functions that change something, as Zeek names them: writes of Modbus (Modbus Application Protocol 1.1b3, 6), select, operate, restart,
 * file and configuration requests of DNP3 (IEEE 1815, 4.4), and function codes that only a maker knows.
 */
const CHANGES =
  '=(?:[A-Z_]*WRITE[A-Z_]*|SELECT|OPERATE|DIRECT_OPERATE[A-Z_]*|(?:COLD|WARM)_RESTART|INITIALIZE_[A-Z]+|ST(?:ART|OP)_APPL|(?:SAVE|ACTIVATE)_CONFIG[A-Z]*|DELETE_FILE|unknown-[0-9]+)(?: |$)'
/** The name of the function alone. */
const FUNCTION = '^.*?=([A-Za-z_]+(?:-[0-9]+)?).*$'
const NAMES: Readonly<Record<string, string>> = { modbus: 'Modbus', dnp3: 'DNP3' }

/** One machine tells a controller to do something. */
export const controlCommands: SetDetector = {
  id: 'network/control-commands',
  title: 'Commands to a controller',
  on: 'set',
  reads: ['other_activity'],
  techniques: ['T0855'],
  severity: 'informational',
  confidence: 'high',
  why: 'Switches, valves and set points are moved by such commands; they carry no password, so whoever reaches the controller can send them.',
  innocent: 'the control system itself, an engineering workstation at work, a test',
  query: sql => `
    with command as (
      select evidence, record, "byteOffset", "time", srcIp, dstIp, code, ${sql.replaceAll('message', FUNCTION, '\\1')} as called
      from other_activity
      where code in ('modbus', 'dnp3') and srcIp <> '' and dstIp <> '' and ${sql.matches('message', CHANGES)}
        -- an answer repeats the function; Zeek writes both since version 6
        and not ${sql.matches('message', 'pdu_type=RESP|_EXCEPTION')})
    select srcIp, dstIp, code, not ${sql.isInternalAddress('srcIp')} and ${sql.isInternalAddress('dstIp')} as fromOutside, count(*) as total, min("time") as firstTime, max("time") as lastTime,
      ${sql.distinctList('called', 12)} as functions, ${sql.records()} as refs
    from command group by srcIp, dstIp, code order by total desc, srcIp, dstIp, code`,
  finding(row) {
    const [from, to] = [textOf(row, 'srcIp'), textOf(row, 'dstIp')]
    const functions = listOf(row, 'functions')
    const times = numberOf(row, 'total')
    const outside = flagOf(row, 'fromOutside')
    return draftOf(this, {
      title: `${from} sent commands to the controller ${to} by ${NAMES[textOf(row, 'code')] ?? textOf(row, 'code')}, ${times} time${times === 1 ? '' : 's'}: ${functions.slice(0, 4).join(', ')}`,
      object: `${from} > ${to} ${textOf(row, 'code')}`,
      severity: outside ? 'medium' : 'informational',
      // Ordinary control traffic is no attack by itself.
      techniques: outside ? this.techniques : [],
      hosts: [to],
      addresses: [from, to],
      why: outside ? `${this.why} This one came from an outside address.` : this.why,
      firstTime: numberOf(row, 'firstTime'),
      lastTime: numberOf(row, 'lastTime'),
      evidence: listOf(row, 'refs'),
      evidenceTotal: times,
    })
  },
}
