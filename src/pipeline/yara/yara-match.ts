import type { DetectorCard, Match } from '../../model/index.ts'
import type { YaraHit } from '../../rules/yara/index.ts'

/** What a YARA rule's hit is about: the file. */
export function matchOfYara({ rule, title, level, strings }: YaraHit, path: string): Match {
  const where = strings.map(({ name, offset }) => `${name} at byte ${offset}`).join(', ')
  return {
    title: `${path.slice(path.lastIndexOf('/') + 1)}: YARA rule ${rule}`,
    object: path,
    severity: level,
    why: `${title}${where === '' ? '' : ` (${where})`}`,
  }
}

/** The card of such a rule; how sure a rule of somebody else is, nobody measured. */
export function cardOfYara({ rule, title }: YaraHit): Pick<DetectorCard, 'confidence' | 'techniques' | 'why' | 'innocent'> {
  return {
    confidence: 'low',
    techniques: /web.?shell/i.test(`${rule} ${title}`) ? ['T1505.003'] : [],
    why: title,
    innocent:
      'a file that holds the same words for another reason: rules of security tools, documentation, a library of the same origin',
  }
}
