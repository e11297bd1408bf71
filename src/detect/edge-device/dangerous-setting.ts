import { compareSeverity, type RecordDetector } from '../../model/index.ts'
import { type ConfigRule, lackingIn, rulesOf, withoutSecrets } from './config-rules.ts'

/** Sections of a saved configuration that help an intruder or hide one, and what the configuration lacks. */
export const dangerousSetting: RecordDetector<'device_config'> = {
  id: 'edge-device/dangerous-setting',
  title: 'Dangerous setting of an edge device',
  on: 'record',
  reads: 'device_config',
  techniques: ['T1601'],
  severity: 'low',
  confidence: 'moderate',
  why: 'The configuration says what the device lets happen; whether somebody used it is for the logs to say.',
  innocent: "settings that were decided on; compare with the operator's own standard",
  detect({ action, attribute = '', code, host, command = '', object = '', original }) {
    if (action !== 'state') return undefined
    const isDevice = attribute === 'device'
    const found: readonly ConfigRule[] = isDevice
      ? lackingIn(code, original.get('overview') ?? '').toSorted((a, b) =>
          compareSeverity(b.severity ?? 'informational', a.severity ?? 'informational'),
        )
      : rulesOf({ dialect: code, path: attribute, text: command })
    const told = found.filter(({ severity }) => severity !== undefined)
    const [worst] = told
    if (!worst) return undefined
    const name = host || 'a device'
    const where = isDevice ? '' : ` (${withoutSecrets(placeOf(attribute, object))})`
    return {
      title: `${name}: ${told.map(({ title }) => title).join(', ')}${where}`,
      object: `${name} ${told.map(({ id }) => id).join(' ')}`,
      severity: worst.severity ?? 'low',
      techniques: [...new Set(told.map(({ technique }) => technique))],
      hosts: host === '' ? [] : [host],
      why: `${worst.why}${isDevice ? '' : ` It says: ${linesOf(command)}`}`,
      innocent: worst.innocent,
    }
  },
}

/** A name behind these words is a secret or a line of its own. */
function placeOf(path: string, object: string): string {
  return /community|^username$/.test(path) ? path : object.slice(0, 80)
}

function linesOf(command: string): string {
  const text = withoutSecrets(command)
    .split('\n')
    .slice(0, 6)
    .map(line => line.trim())
    .join('; ')
  return `"${text.slice(0, 300)}${text.length > 300 ? '…' : ''}".`
}
