import type { EventFields } from '../../model/index.ts'
import type { Columns, Field } from './columns.ts'

/** Turns rows of one log into typed fields. */
export type RowMapper<Row> = Field<Row, EventFields>

/** Binds the fields of one log; works on TSV and JSON rows alike. */
export type LogMapper = <Row>(columns: Columns<Row>) => RowMapper<Row>

/** Both ends of the connection a record belongs to, and its id. */
export function endpointsOf<Row>(columns: Columns<Row>) {
  const srcIp = columns.address('id.orig_h')
  const srcPort = columns.int('id.orig_p')
  const dstIp = columns.address('id.resp_h')
  const dstPort = columns.int('id.resp_p')
  const uid = columns.text('uid')
  return { srcIp, srcPort, dstIp, dstPort, uid }
}

/** Names under which a sensor calls itself: cluster worker, Corelight and ROCK system name. */
export function sensorOf<Row>(columns: Columns<Row>): Field<Row, string> {
  const names = ['@system', '_system_name', '_node_name', 'peer', 'peer_descr'].map(name => columns.text(name))
  return row => {
    for (const name of names) {
      const text = name(row)
      if (text !== '') return text
    }
    return ''
  }
}
