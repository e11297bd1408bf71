// Lines per second of the access-log reader on one core, against a plain loop over the same decoded lines.
// Run: node bench/access-log.ts [FILE]; without a file it makes 500,000 combined lines, always the same.
import { readFileSync } from 'node:fs'
import { reader } from '../src/readers/access-log/reader.ts'
import { textPart } from '../test/text-part.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const AGENT = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/115.0.0.0 Safari/537.36'

function madeLog(count: number): string {
  const lines: string[] = []
  let seed = 1
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  const start = Date.UTC(2023, 7, 1)
  for (let index = 0; index < count; index++) {
    const at = new Date(start + index * 250)
    const two = (value: number): string => String(value).padStart(2, '0')
    const clock = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}:${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())} +0000`
    lines.push(
      `198.51.100.${next(250)} - - [${clock}] "GET /page/${next(5000)}.html?id=${next(100000)} HTTP/1.1" 200 ${next(90000)} "https://site.example/${next(500)}" "${AGENT}"`,
    )
  }
  return `${lines.join('\n')}\n`
}

const file = process.argv[2]
const text = file === undefined ? madeLog(500_000) : readFileSync(file, 'utf8')
const part = textPart(text, { path: 'access.log' })
const bytes = part.end

let lines = 0
const plain = time(() => {
  lines = 0
  for (const line of part.lines()) if (line.text.length > 0) lines++
})
let events = 0
const read = time(() => {
  events = 0
  reader.read(part, { event: () => events++, diagnostic: () => {} })
})
const rate = (seconds: number): string =>
  `${Math.round(lines / seconds).toLocaleString('en')} lines/s, ${(bytes / seconds / 1e6).toFixed(0)} MB/s`
console.log(
  `${lines.toLocaleString('en')} lines, ${(bytes / 1e6).toFixed(0)} MB, ${events.toLocaleString('en')} events, node ${process.version}`,
)
console.log(`lines only: ${plain.toFixed(2)} s, ${rate(plain)}`)
console.log(`reader:     ${read.toFixed(2)} s, ${rate(read)} (lines included), ${(read / plain).toFixed(1)} times the plain loop`)

/** Best of three, in seconds of processor time (collector threads included), which other processes disturb less than the wall clock. */
function time(run: () => void): number {
  const times = [0, 1, 2].map(() => {
    const started = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(started)
    return (user + system) / 1e6
  })
  return Math.min(...times)
}
