/** A family of edge devices that public reports name as used or attacked in relay networks. */
export interface EdgeDevice {
  readonly name: string
  readonly vendor: string
  readonly models: RegExp
  /** Has the vendor stopped fixing it? */
  readonly ended: boolean
  /** Date of the end, ISO, as exact as it is published; '' when only the fact is. */
  readonly endedOn: string
  readonly exploited: readonly string[]
  readonly source: string
}

/** The inventory check's table; each row says where it is from. Rows without a published end are there for the weakness, not for their age. */
export const edgeDevices: readonly EdgeDevice[] = [
  {
    name: 'Cisco RV320/RV325',
    vendor: 'Cisco',
    models: /\brv32[05]\b/,
    ended: true,
    endedOn: '2021-01',
    exploited: ['CVE-2019-1652', 'CVE-2019-1653'],
    source: 'SecurityScorecard STRIKE, January and November 2024 (sold until January 2020, fixes ended about a year later)',
  },
  {
    name: 'NETGEAR ProSAFE firewalls',
    vendor: 'Netgear',
    models: /\bprosafe\b|\bfvs\d{3}/,
    ended: true,
    endedOn: '',
    exploited: [],
    source: 'Lumen Black Lotus Labs, 13 December 2023; US Department of Justice, 31 January 2024 (vast majority at end of life)',
  },
  {
    name: 'Axis M1045-LW, M1065-LW, P1367-E cameras',
    vendor: 'Axis',
    models: /\bm10[46]5-lw\b|\bp1367-e\b/,
    ended: false,
    endedOn: '',
    exploited: [],
    source: 'Lumen Black Lotus Labs, 13 December 2023',
  },
  {
    name: 'DrayTek Vigor routers',
    vendor: 'DrayTek',
    models: /\bvigor/,
    ended: false,
    endedOn: '',
    exploited: [],
    source: 'Lumen Black Lotus Labs, 13 December 2023 (many models at end of life)',
  },
  {
    name: 'Fortinet FortiGate',
    vendor: 'Fortinet',
    models: /\bforti(?:gate|os)\b/,
    ended: false,
    endedOn: '',
    exploited: ['CVE-2022-42475', 'CVE-2023-27997', 'CVE-2022-40684'],
    source: 'Joint advisory AA24-038A, 7 February 2024; CISA known exploited vulnerabilities',
  },
  {
    name: 'FatPipe WARP, IPVPN, MPVPN',
    vendor: 'FatPipe',
    models: /\bwarp\b|\b(?:ip|mp)vpn\b/,
    ended: false,
    endedOn: '',
    exploited: ['CVE-2021-27860'],
    source: 'Joint advisory AA23-144A, 24 May 2023',
  },
  {
    name: 'Versa Director',
    vendor: 'Versa',
    models: /\bdirector\b/,
    ended: false,
    endedOn: '',
    exploited: ['CVE-2024-39717'],
    source: 'Lumen Black Lotus Labs, August 2024',
  },
  {
    name: 'Sierra Wireless AirLink gateways',
    vendor: 'Sierra',
    models: /\bairlink\b/,
    ended: false,
    endedOn: '',
    exploited: [],
    source: 'Dragos, 2026 Year in Review (reported at pipeline sites in 2025)',
  },
]

/** The row a vendor and model belong to; undefined when none does. */
export function edgeDeviceOf(vendor: string, model: string): EdgeDevice | undefined {
  const text = `${vendor} ${model}`.toLowerCase()
  return edgeDevices.find(device => text.includes(device.vendor.toLowerCase()) && device.models.test(text))
}
