// Loads a conn log into a table of an in-memory DuckDB and does nothing else: node bare-load.ts FILE THREADS
import { DuckDBInstance } from '@duckdb/node-api'

const [file = '', threads = '2'] = process.argv.slice(2)
const instance = await DuckDBInstance.create(':memory:', { threads })
const connection = await instance.connect()
const columns = [
  'ts:DOUBLE',
  'uid:VARCHAR',
  'orig_h:VARCHAR',
  'orig_p:INTEGER',
  'resp_h:VARCHAR',
  'resp_p:INTEGER',
  'proto:VARCHAR',
  'service:VARCHAR',
  'duration:DOUBLE',
  'orig_bytes:BIGINT',
  'resp_bytes:BIGINT',
  'conn_state:VARCHAR',
  'local_orig:VARCHAR',
  'local_resp:VARCHAR',
  'missed_bytes:BIGINT',
  'history:VARCHAR',
  'orig_pkts:BIGINT',
  'orig_ip_bytes:BIGINT',
  'resp_pkts:BIGINT',
  'resp_ip_bytes:BIGINT',
  'tunnel_parents:VARCHAR',
]
const types = columns.map(column => `'${column.replace(':', "': '")}'`).join(', ')
await connection.run(
  `create table conn as select * from read_csv('${file.replaceAll("'", "''")}', delim = '\t', quote = '', escape = '', header = false, auto_detect = false, comment = '#', nullstr = '-', columns = {${types}})`,
)
const reader = await connection.runAndReadAll('select count(*) from conn')
console.log(String(reader.getRows()[0]?.[0]))
