/** What a service needs: an asset or service id, or a combination. `atLeast` is k of n. */
export type Need =
  | { readonly one: string }
  | { readonly all: readonly Need[] }
  | { readonly any: readonly Need[] }
  | { readonly atLeast: number; readonly of: readonly Need[] }

/** One machine or device of the asset list. */
export interface Asset {
  readonly id: string
  readonly names: readonly string[]
  readonly addresses: readonly string[]
  /** "web server", "domain controller", "edge firewall", "engineering workstation" … */
  readonly role: string
  readonly site: string
  readonly zone: string
  readonly owner: string
  readonly vendor: string
  readonly model: string
  readonly firmware: string
  /** Must never be cut off from its network (safety systems). */
  readonly neverCut: boolean
  /** What a scan found open: "tcp/443 https FortiGate"; absent when nobody looked. */
  readonly open?: readonly string[] | undefined
}

/** Allowed access between zones. */
export interface Conduit {
  readonly from: string
  readonly to: string
  readonly ports: readonly number[]
  /** Asset through which it goes; '' when direct. */
  readonly via: string
}

/** Something people notice when it stops. */
export interface Service {
  readonly id: string
  readonly name: string
  /** One of the 16 CISA sectors, in its usual spelling. */
  readonly sector: string
  readonly site: string
  readonly needs: Need
  /** Hours it goes on without what it needs; undefined when unknown. */
  readonly fallbackHours: number | undefined
  readonly customers: number | undefined
}

/** An operator's asset list. */
export interface AssetModel {
  readonly sites: readonly { readonly id: string; readonly name: string; readonly place: string }[]
  readonly zones: readonly {
    readonly id: string
    readonly name: string
    readonly networks: readonly string[]
    readonly kind: 'it' | 'ot' | 'dmz' | 'edge' | 'outside'
    /** Level of the Purdue model: 0 process, 1 control, 2 supervision, 3 site operations, 3.5 between, 4 business, 5 enterprise. */
    readonly level?: number | undefined
  }[]
  readonly assets: readonly Asset[]
  readonly conduits: readonly Conduit[]
  readonly services: readonly Service[]
}
