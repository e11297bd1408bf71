import { listed } from './admissions.ts'
import { allApplications, applicationGate } from './applications.ts'
import { asLogged, knownViews } from './as-logged.ts'
import type { EventKey } from './event-key.ts'
import type { FieldView } from './field-view.ts'
import { type Admission, admits, type Gate, gateOfAdmissions, type LogSource } from './gate.ts'
import { linuxCategory, linuxGate } from './sources-linux.ts'
import { deviceGate, networkCategories, networkService, networkServices, zeekGate } from './sources-network.ts'
import { rpcFirewallLog, windowsCategory, windowsGate } from './windows.ts'

/** Log sources of published rules that no reader gives: their rules are loaded, apply to nothing, and the report says so. */
const WITHOUT_READER = {
  products: new Set(
    (
      'aws azure gcp google_workspace m365 github gitlab bitbucket okta onelogin kubernetes macos paloalto qualys opencanary ' +
      'checkpoint sonicwall sophos vmware crowdstrike sap docker modbus dns'
    ).split(' '),
  ),
  categories: new Set(['database', 'appliance', 'authentication', 'logfile']),
  /** Services of products we read that come in other logs. */
  services: new Set(['cisco duo']),
}

const gates = new Map<string, Gate>()

/** The gate of a log source: the same object for the same log source, so that what it answers is kept for all rules of it. */
export function gateOf({ category, product, service }: LogSource): Gate {
  const name = `${category ?? ''}\n${product ?? ''}\n${service ?? ''}`
  let gate = gates.get(name)
  if (!gate) {
    gate =
      gateFor(category, product, service) ??
      gateOfAdmissions([], isWithoutReader(category, product, service) ? 'no-reader' : 'unknown')
    gates.set(name, gate)
  }
  return gate
}

function isWithoutReader(category: string | undefined, product: string | undefined, service: string | undefined): boolean {
  if (product === undefined) return category !== undefined && WITHOUT_READER.categories.has(category)
  return WITHOUT_READER.products.has(product) || WITHOUT_READER.services.has(`${product} ${service ?? ''}`)
}

function gateFor(category: string | undefined, product: string | undefined, service: string | undefined): Gate | undefined {
  switch (product) {
    case undefined:
      return productless(category, service)
    case 'windows':
      return category !== undefined && Object.hasOwn(networkCategories, category) && category !== 'antivirus'
        ? productless(category, service)
        : windowsGate(category, service)
    case 'linux':
      return linuxGate(category, service)
    case 'zeek':
      return zeekGate(category, service)
    case 'antivirus':
      return productless('antivirus', service)
    case 'rpc_firewall':
      return gateOfAdmissions([rpcFirewallLog])
    default:
      return applicationGate(product, category, service) ?? deviceGate(product, category, service)
  }
}

/** Rules without product mean every product that has the category. */
function productless(category: string | undefined, service: string | undefined): Gate | undefined {
  if (category === undefined) {
    const own = service === undefined ? undefined : listed(networkServices, service)
    return own && gateOfAdmissions(own)
  }
  if (category === 'application' && service === undefined) return gateOfAdmissions(allApplications)
  const ofCategory = listed(networkCategories, category)
  const admissions = ofCategory ?? [...windowsCategory(category), ...linuxCategory(category)]
  const narrowed = service === undefined ? admissions : narrowedTo(admissions, networkService(category, service))
  return narrowed && narrowed.length > 0 ? gateOfAdmissions(narrowed) : undefined
}

/** Admissions of a category that a service holds as well; the service is a part of the category itself, or logs of some products. */
function narrowedTo(
  admissions: readonly Admission[],
  service: readonly Admission[] | undefined,
): readonly Admission[] | undefined {
  if (!service) return undefined
  return service.every(own => admissions.includes(own))
    ? service
    : admissions.filter(({ product }) => service.some(own => own.product === product))
}

/** Every way records of a log source can be seen, as far as that is known without records. */
export function viewsOf(source: LogSource): readonly FieldView[] {
  return [...new Set(gateOf(source).admissions.flatMap(knownViews))]
}

/**
 * How a rule of a log source would see records of these keys, where only product, code, channel and kind are known of them: what
 * differs within a code (a key added or deleted) is taken as there.
 */
export function viewsAmong(source: LogSource, keys: readonly EventKey[]): readonly FieldView[] {
  const { admissions } = gateOf(source)
  const views = keys.flatMap(key => {
    const admission = admissions.find(({ variants: _, ...rest }) => admits(rest, key))
    return admission ? [admission.view ?? asLogged(key)] : []
  })
  return [...new Set(views)]
}
