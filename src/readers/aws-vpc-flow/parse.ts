/** The fields of version 2, which is the default format. */
export const DEFAULT_COLUMNS: readonly string[] = [
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'action',
  'log-status',
]

/** Does the line name fields, as the first line of every file in a bucket does? The order is what the owner chose. */
export function isFlowHeader(line: string): boolean {
  const words = new Set(line.trim().split(' '))
  return words.has('srcaddr') && words.has('dstaddr') && (words.has('start') || words.has('interface-id'))
}

/** Field names; `${name}` as CloudFormation writes them are the same. */
export function columnsOfHeader(line: string): readonly string[] {
  return line
    .trim()
    .split(' ')
    .map(word => word.replace(/^\$\{|\}$/g, '').toLowerCase())
}

const LINE =
  /^(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?\d \d{12} eni-[0-9a-z]+ (?:[0-9a-fA-F.:]+|-) (?:[0-9a-fA-F.:]+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) (?:\d+|-) \d+ \d+ (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)/

/** Is it a record in the default order, with further fields or without? */
export function isFlowLine(line: string): boolean {
  return LINE.test(line)
}
