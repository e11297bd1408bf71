const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4|z)$/i
/** logrotate's ".1", "-20230815", "-20230815-1692071665"; Tomcat's ".2018-07-11" before the extension; IIS's "u_ex230815". */
const NUMBER = /\.\d{1,4}$/
const DATE_SUFFIX = /[-._](?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[-_.T]?\d{2,10}(?:[-_.]\d\d){0,2})?$/
const IIS_NAME = /^((?:u_|u_ex|ex|nc|in|httperr)[a-z_]*?)\d{4,10}(?:_x)?$/i
const EXTENSION = /\.(?:log|txt|json|jsonl|ndjson|out|csv)$/i

interface Rotated {
  readonly stem: string
  /** yyyy-mm-dd of the rotation where the name says it. */
  readonly date: string
}

function rotated(path: string): Rotated {
  let name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'), path.lastIndexOf('!')) + 1).toLowerCase()
  let date = ''
  let extension = ''
  // Bounded: a name may carry at most a few of these behind each other ("access.log.2023-08-15.1.gz").
  for (let round = 0; round < 6; round++) {
    const before = name
    name = name.replace(COMPRESSED, '')
    const dated = DATE_SUFFIX.exec(name)
    if (dated) {
      const digits = dated[0].replace(/\D/g, '')
      date ||= `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`
      name = name.slice(0, dated.index)
    } else name = name.replace(NUMBER, '')
    const ending = EXTENSION.exec(name)
    if (ending && (DATE_SUFFIX.test(name.slice(0, ending.index)) || NUMBER.test(name.slice(0, ending.index)))) {
      extension = ending[0]
      name = name.slice(0, ending.index)
    }
    if (name === before) break
  }
  const ending = EXTENSION.exec(name)?.[0] ?? ''
  const bare = name.slice(0, name.length - ending.length)
  return { stem: `${bare.replace(IIS_NAME, '$1')}${ending || extension}`, date }
}

/** Name of a log file without folder, compression, rotation number and date: "var/log/auth.log.2.gz" gives "auth.log". */
export function rotationStem(path: string): string {
  return rotated(path).stem
}

/** The day a file was rotated, as its name says it ("messages-20230815.gz" gives "2023-08-15"); '' when the name has none. */
export function rotationDate(path: string): string {
  return rotated(path).date
}
