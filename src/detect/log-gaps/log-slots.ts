import { eventKinds, MICROS_PER_MINUTE, type PreparedTable } from '../../model/index.ts'

/** Lines are counted in steps of ten minutes first, so that a large log is sorted by its steps and not by its lines; six are an hour. */
export const SLOT = 10 * MICROS_PER_MINUTE

/** `log_slot`: for each kind of event, log (`series`) and recording host the `lines` of each ten minutes (`slot`), the `first` and the `last`. */
export const logSlots: PreparedTable = {
  name: 'log_slot',
  query: () =>
    eventKinds
      .map(
        kind => `select series, host, floor("time" / ${SLOT}) as slot, count(*) as lines, min("time") as "first", max("time") as "last"
        from ${kind} where "time" is not null and series <> '' group by series, host, floor("time" / ${SLOT})`,
      )
      .join(' union all '),
}
