import { fileNameOf, isInternalAddress, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

/** -R hands a port of the far side back to us; -D makes a SOCKS proxy; -L opens a forward. ssh and plink read them alike. */
const SSH_REVERSE = /\b(?:ssh|plink|putty|klink)(?:\.exe)?\b.* -[a-z]*r ?(?:\S+:)?\d{1,5}(?::\S+:\d{1,5})?\b/
const SSH_FORWARD = /\b(?:ssh|plink|putty|klink)(?:\.exe)?\b.* -[a-z]*[dl] ?(?:\S+:)?\d{1,5}\b/
/** fast reverse proxy, EarthWorm, chisel, ligolo, ngrok, gost, iox, stowaway, rpivot by their arguments, whatever their file is called. */
const RELAY_ARGUMENTS: readonly (readonly [RegExp, string])[] = [
  [/ -s (?:rssocks|ssocksd|rcsocks|lcx_slave|lcx_listen|lcx_tran)\b/, 'EarthWorm'],
  [/\bclient (?:-\S+ )*(?:https?:\/\/)?\S+:\d+ r:(?:socks|\d+)/, 'chisel'],
  [/\bserver (?:-\S+ )*(?:--?port|-p) \d+ .*--reverse\b/, 'chisel'],
  [/^(?:\S*[\\/])?frpc(?:\.exe)?(?: |$)|[ =](?:\S*[\\/])?frpc?\w*\.(?:ini|toml)\b/, 'frp'],
  [/\bngrok(?:\.exe)? (?:tcp|http|tls)\b/, 'ngrok'],
  [/\bgost(?:\.exe)? -l\S* /, 'gost'],
  [/\b(?:iox|stowaway_\w+|lligolo|ligolo-\w+|rpivot|revsocks|wstunnel)(?:\.exe)?\b .*\d/, 'a relay program'],
  [/\bcloudflared(?:\.exe)? .*tunnel\b/, 'cloudflared'],
  [/\bdevtunnel(?:\.exe)? host\b|\bcode(?:-tunnel)?(?:\.exe)? tunnel\b/, 'a developer tunnel'],
]
/** One of these stands in whatever the expressions above match; most command lines have none. */
const RELAY_HINT = /rssocks|ssocksd|rcsocks|lcx_| r:|--reverse|frp|ngrok|gost|iox|stowaway_|ligolo|rpivot|revsocks|tunnel/
const DEVELOPER = /^(?:ngrok|cloudflared|a developer tunnel)$/

/** A program opens a way back into the network. */
export const reverseTunnel: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'living-off-land/reverse-tunnel',
  title: 'Reverse tunnel or relay program',
  reads: 'process_activity',
  techniques: ['T1572', 'T1090'],
  severity: 'high',
  confidence: 'moderate',
  why: 'A reverse tunnel lets somebody outside reach inside through a connection that goes out, past every firewall rule.',
  innocent: 'a developer or a vendor with a documented support tunnel',
  detect(process) {
    const line = process.commandLine ?? ''
    if (process.action !== 'start' || line.length < 6) return undefined
    const plain = plainCommand(line)
    const seen = /ssh|plink|klink|putty/.test(plain) ? sshTunnel(plain) : relay(plain)
    if (seen === undefined) return undefined
    const peer = /(?:^|[\s@])(\d{1,3}(?:\.\d{1,3}){3})(?=[\s:]|$)/.exec(plain)?.[1]
    return {
      title: `${seen.what}: ${shortCommand(line)}`,
      object: fileNameOf(process.image ?? '') || seen.what,
      severity: seen.severity,
      techniques: seen.techniques,
      addresses: peer !== undefined && !isInternalAddress(peer) ? [peer] : [],
    }
  },
}

function sshTunnel(plain: string) {
  if (SSH_REVERSE.test(plain))
    return { what: 'Reverse tunnel over SSH', severity: 'high', techniques: ['T1572', 'T1021.004'] } as const
  if (SSH_FORWARD.test(plain)) return { what: 'Tunnel over SSH', severity: 'low', techniques: ['T1572'] } as const
  return undefined
}

function relay(plain: string) {
  if (!RELAY_HINT.test(plain)) return undefined
  const name = RELAY_ARGUMENTS.find(([pattern]) => pattern.test(plain))?.[1]
  if (name === undefined) return undefined
  return {
    what: `Relay program (${name})`,
    severity: DEVELOPER.test(name) ? 'medium' : 'high',
    techniques: ['T1090', 'T1572'],
  } as const
}
