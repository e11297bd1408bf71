import type { EventOf, Match } from '../../model/index.ts'

/** Who came from where, and which machine it was: a network sensor records the share of another host, Windows its own. */
export function sharePlace(share: EventOf<'smb_activity'>): Pick<Match, 'addresses' | 'hosts'> {
  const from = share.srcIp ? { addresses: [share.srcIp] } : {}
  return share.dstIp && (share.host === '' || share.product === 'zeek' || share.product === 'suricata')
    ? { ...from, hosts: [share.dstIp] }
    : from
}
