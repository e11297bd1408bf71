import type { RecordDetector } from '../../model/index.ts'

/** Words of the loader and installer of the KV network (Lumen Black Lotus Labs, "Routers Roasting on an Open Firewall", 13 December 2023). */
const KV =
  /\bkv-all\.sh\b|\bkv-(?:arm|mips|mipsel|x86_64|i[346]86)\b|\bcli_download_(?:arm|mips|mipsel|x86_64|i[346]86)\b|\/tmp\/bioset\d*\b|\bmips_ff\b/
/** The script SecurityScorecard saw loaded onto Cisco RV320 and RV325, January 2024. */
const FY = /\b(?:wget|curl|tftp|get)\b.*\bfy\.sh\b/i
/** Keepers of a router's own services that the KV installer ends and deletes. */
const KEEPER = /\b(?:httpd_watchdog|firewallsd)\b.*(?:\bkill|\bterminat|\bnot found|\bno such|\bdeleted|\brestart|\bexit)/i

/** Lines in the log of a router that name what the KV network leaves: its files, its script, the keepers it ends. */
export const implantSigns: RecordDetector<'other_activity' | 'process_activity' | 'scheduled_job_activity'> = {
  id: 'edge-device/implant-signs',
  title: 'Sign of a relay implant on a router',
  on: 'record',
  reads: ['other_activity', 'process_activity', 'scheduled_job_activity'],
  techniques: ['T1584.008', 'T1105'],
  severity: 'high',
  confidence: 'moderate',
  why: 'The KV network of home routers installs itself by these names; it lives in memory only, so keep the memory before the device is switched off.',
  innocent: 'an administrator or analyst who looked for these names, or a log of a security product that quotes them',
  detect(event) {
    const text =
      event.kind === 'other_activity'
        ? (event.message ?? '')
        : event.kind === 'process_activity'
          ? (event.commandLine ?? '')
          : (event.command ?? '')
    if (text.length < 5) return undefined
    const said = text.slice(0, 4_096)
    const match = KV.exec(said) ?? FY.exec(said)
    if (match)
      return {
        title: `${event.host || 'a device'} names "${match[0].slice(0, 60)}", which the KV network leaves`,
        object: `${event.host} implant`,
      }
    // The keeper's own restarts are ordinary; alone it is only worth a look beside other things.
    const keeper = KEEPER.exec(said)
    return keeper
      ? {
          title: `The keeper of its services ended on ${event.host || 'a device'}: ${keeper[0].slice(0, 60)}`,
          object: `${event.host} keeper`,
          severity: 'low',
          confidence: 'low',
        }
      : undefined
  },
}

/** Services of edge devices that face outside; a crash is what an exploit leaves behind, failed or not. */
const OUTSIDE_SERVICE = /^(?:sslvpnd|httpsd|fgfmd|iked|dsmdm|web|saml-server|nsppe|httpd|gpsvc|sslmgr|webui|nginx_gp)$/i

/** A service of an edge device that faces the internet crashed. */
export const outsideServiceCrash: RecordDetector<'service_activity'> = {
  id: 'edge-device/outside-service-crash',
  title: 'Crash of a service that faces outside',
  on: 'record',
  reads: 'service_activity',
  techniques: ['T1190'],
  severity: 'low',
  confidence: 'low',
  why: 'Memory flaws such as CVE-2022-42475 crash the VPN daemon when they are tried, and often when they work.',
  innocent: 'a fault of the firmware, or too little memory',
  detect({ action, name = '', host, product, path = '' }) {
    if (action !== 'crash' || (product !== 'fortigate' && product !== 'pan-os' && product !== 'ivanti')) return undefined
    if (!OUTSIDE_SERVICE.test(name)) return undefined
    // A backtrace with signal 11 of the VPN daemon is what the maker tells to look for (Fortinet FG-IR-22-398).
    const isTelling = /^sslvpnd$/i.test(name) && /Signal 11/i.test(path)
    return {
      title: `${name} crashed on ${host || 'an edge device'}`,
      object: `${host} ${name} crash`,
      ...(isTelling
        ? {
            severity: 'medium',
            why: `${this.why} The maker names this very line among the signs of CVE-2022-42475 (FG-IR-22-398).`,
          }
        : {}),
    }
  },
}
