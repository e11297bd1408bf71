import { isUserWritablePath } from '../../knowledge/programs.ts'
import { type EventOf, fileNameOf, type Match, plainCommand, type RecordDetector, shortCommand } from '../../model/index.ts'

const RAR_ADD = /\b(?:rar|winrar)(?:\.exe)?"? a\b|(?:^|\s)a (?:-\S+ )+\S/
const SEVEN_ADD = /\b7z[arg]?(?:\.exe)? a\b/
const MAKECAB = /\bmakecab(?:\.exe)? (?!\/)/
/** -p and -hp take the password, -v cuts into volumes (documentation of RAR and 7-Zip). */
const PASSWORD = / -(?:hp|p)\S*/
const VOLUMES = / -v\d*[bkmg]?\b/
const ARCHIVE_NAME = /\.(?:rar|7z|zip|cab|tar|gz|tgz|001|xz|bz2|part\d*\.rar)$/
/** An archive that calls itself a picture, a licence, a log (AA23-144A, Secureworks: .gif, .lic, .tmp). */
const ODD_NAME = /\.(?:gif|jpe?g|png|bmp|ico|lic|tmp|dat|log|txt|dll|css|js|html?|aspx|xml|ini|bak)$/
const SERVED = /[\\/](?:wwwroot|htdocs|webapps?|html|public_html|httpproxy|www)[\\/]/
const SECRETS = /\bntds\b|\bntds\.dit\b|registry\\(?:system|security)|\blsass\b|\bsam\b/

/** Files are packed so that they can be carried out: with a password, in volumes, under a wrong name, or where the web server serves them. */
export const archiveStaging: RecordDetector<'process_activity'> = {
  on: 'record',
  id: 'living-off-land/archive-staging',
  title: 'Archive made for carrying data out',
  reads: 'process_activity',
  techniques: ['T1560.001', 'T1074.001'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Before data leaves it is packed: with a password, cut into volumes, named like a picture or a licence, in a folder that is served to the outside.',
  innocent: 'a finance or personnel department sends protected archives, or a backup script packs its own folder',
  detect(process) {
    if (process.action !== 'start') return undefined
    const image = fileNameOf(process.image ?? '')
    const original = (process.originalFileName ?? '').toLowerCase()
    const line = process.commandLine ?? ''
    if (!/rar|7z|makecab|tar|zip/.test(`${image} ${original}`) && !/\brar\b|7z|makecab|\sa\s.*\s-(?:hp|v\d)/i.test(line))
      return undefined
    return packed(process, image, original)
  },
}

/** RAR's own switches, whatever the program is called: `-hp` hides names and content, `-v` cuts into volumes. */
const BY_ARGUMENTS = /^\S+ a (?:-\S+ )*-(?:hp\S*|v\d+[bkmgt]?) /

function packed(process: EventOf<'process_activity'>, image: string, original: string): Match | undefined {
  const line = process.commandLine ?? ''
  const plain = plainCommand(line)
  const byArguments = BY_ARGUMENTS.test(plain) && !/rar|7z/.test(image)
  const renamed = isRenamed(image, original) || byArguments
  const adds =
    byArguments || SEVEN_ADD.test(plain) || MAKECAB.test(plain) || ((/\brar/.test(plain) || renamed) && RAR_ADD.test(plain))
  if (!adds)
    return renamed
      ? {
          title: `${image} is ${original} under another name`,
          object: image,
          techniques: ['T1036.003', 'T1560.001'],
          severity: 'medium',
        }
      : undefined
  const target = archiveOf(plain)
  const reasons = [
    PASSWORD.test(plain) ? 'with a password' : '',
    VOLUMES.test(plain) ? 'in volumes' : '',
    ODD_NAME.test(target) && !ARCHIVE_NAME.test(target) ? `named ${fileNameOf(target)}` : '',
    SERVED.test(target) ? 'in a served folder' : '',
    renamed ? `by ${original === '' || byArguments ? 'a packer' : original} under the name ${image}` : '',
    isUserWritablePath(target) && /\\(?:windows\\temp|users\\public|perflogs)\\/.test(target)
      ? 'in a shared temporary folder'
      : '',
    SECRETS.test(plain) ? 'of credential stores' : '',
  ].filter(reason => reason !== '')
  return {
    title:
      reasons.length === 0 ? `Archive made: ${shortCommand(line)}` : `Archive made ${reasons.join(', ')}: ${shortCommand(line)}`,
    object: target === '' ? image : target,
    severity:
      SECRETS.test(plain) || reasons.length >= 3
        ? 'high'
        : reasons.length === 2 || renamed
          ? 'medium'
          : reasons.length === 1
            ? 'low'
            : 'informational',
    techniques: [
      'T1560.001',
      ...(reasons.length > 0 ? ['T1074.001'] : []),
      ...(renamed ? ['T1036.003'] : []),
      ...(ODD_NAME.test(target) && !ARCHIVE_NAME.test(target) ? ['T1036.008'] : []),
    ],
  }
}

function isRenamed(image: string, original: string): boolean {
  return /^(?:rar|winrar|command line rar|7z|7za|7zr)(?:\.exe)?$/.test(original) && !/rar|7z/.test(image)
}

/** The archive is the first word that is no switch after the add command, for makecab the second file. */
function archiveOf(plain: string): string {
  const words = plain.split(' ')
  const cab = words.findIndex(word => /makecab(?:\.exe)?$/.test(word))
  if (cab >= 0) return words.slice(cab + 1).filter(word => !word.startsWith('/'))[1] ?? ''
  const add = words.indexOf('a')
  return add < 0 ? '' : (words.slice(add + 1).find(word => !word.startsWith('-')) ?? '')
}
