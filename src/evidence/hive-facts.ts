import type { CollectionFacts } from './collections.ts'
import { type Hive, type HiveKey, hiveNumber, hiveText } from './hive.ts'
import { zoneOfWindowsKey } from './windows-zones.ts'

/** The set of settings the machine last started with, of those a hive SYSTEM has. */
export function currentControlSet(hive: Hive): HiveKey | undefined {
  const number = hiveNumber(hive.key('Select')?.value('Current')) ?? 1
  return hive.key(`ControlSet${String(number).padStart(3, '0')}`)
}

/** Name and time zone of the machine a hive SYSTEM comes from. */
export function hiveFacts(hive: Hive): CollectionFacts | undefined {
  const current = currentControlSet(hive)
  if (!current) return undefined
  const host = hostOf(current)
  const zone = zoneOf(below(current, 'Control', 'TimeZoneInformation'))
  if (host === undefined && zone === undefined) return undefined
  return { ...(host === undefined ? {} : { host }), ...(zone === undefined ? {} : { zone }) }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/
const DOMAIN = /^[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}$/

/** As its event logs write it: with the domain, where it is in one. */
function hostOf(current: HiveKey): string | undefined {
  const network = below(current, 'Services', 'Tcpip', 'Parameters')
  const name =
    textOf(network, 'NV Hostname') ||
    textOf(network, 'Hostname') ||
    textOf(below(current, 'Control', 'ComputerName', 'ComputerName'), 'ComputerName')
  if (!NAME.test(name)) return undefined
  const domain = textOf(network, 'NV Domain') || textOf(network, 'Domain')
  return (DOMAIN.test(domain) ? `${name}.${domain}` : name).toLowerCase()
}

/** The zone by its name; where we do not know the name, its offset, which is that of the whole year only without daylight saving time. */
function zoneOf(key: HiveKey | undefined): string | undefined {
  const named = zoneOfWindowsKey(textOf(key, 'TimeZoneKeyName') || textOf(key, 'StandardName'))
  if (named !== undefined) return named
  const bias = hiveNumber(key?.value('ActiveTimeBias')) ?? hiveNumber(key?.value('Bias'))
  if (bias === undefined || Math.abs(bias) > 15 * 60) return undefined
  const minutes = Math.abs(bias)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${bias > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

const textOf = (key: HiveKey | undefined, name: string) => hiveText(key?.value(name)).trim()

function below(key: HiveKey | undefined, ...path: readonly string[]): HiveKey | undefined {
  return path.reduce<HiveKey | undefined>((at, name) => at?.key(name), key)
}
