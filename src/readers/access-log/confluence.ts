import type { AccessLine } from './parse.ts'

/** [time] [forwarded-for] user thread client METHOD target HTTP/1.1 status 12ms bytes referrer agent: the AccessLogValve pattern Confluence ships. */
const LINE =
  /^\[(\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (?:(\S+) )?(\S+) (\S+-exec-\d+) (\S+) ([A-Z]{1,20} \S.{0,16384}? HTTP\/\d(?:\.\d)?) (\d{3}) (\d{1,12})ms (\d{1,15}|-) (\S+) (.*)$/

/** Atlassian Confluence's access log; undefined when the line is none. */
export function parseConfluenceLine(line: string): AccessLine | undefined {
  const match = LINE.exec(line)
  if (!match) return undefined
  const [
    ,
    clock = '',
    forwardedFor = '',
    user = '',
    ,
    client = '',
    request = '',
    status,
    millis,
    bytes,
    referrer = '',
    userAgent = '',
  ] = match
  return {
    clock,
    client,
    forwardedFor: dashless(forwardedFor),
    user: dashless(user),
    virtualHost: '',
    serverPort: undefined,
    request,
    status: Number(status),
    bytes: bytes === '-' ? 0 : Number(bytes),
    referrer: dashless(referrer),
    userAgent: dashless(userAgent),
    cookies: '',
    duration: Number(millis) * 1000,
  }
}

function dashless(text: string): string {
  return text === '-' ? '' : text
}
