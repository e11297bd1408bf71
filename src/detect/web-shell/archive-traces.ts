import {
  draftOf,
  type EventOf,
  fileNameOf,
  listOf,
  type Match,
  MICROS_PER_DAY,
  microsFromIso,
  numberOf,
  type RecordDetector,
  type SetDetector,
  textOf,
} from '../../model/index.ts'

/** DOS times in archives name no zone, and copying takes a while. */
const ZONES = 2 * MICROS_PER_DAY

/** A class that came into a library long after all others. */
export const archiveNewcomer: RecordDetector<'file_activity'> = {
  on: 'record',
  id: 'web-shell/archive-newcomer',
  title: 'Class added to a library later',
  reads: 'file_activity',
  techniques: ['T1505.003', 'T1554'],
  severity: 'low',
  confidence: 'moderate',
  why: 'A build writes all classes of a library together. One that came later was put into the file: a library that every application of the server loads is a place for a back door that needs no page.',
  innocent: 'a hotfix of the maker, or a build that repacks older classes',
  detect(event) {
    if (event.product !== 'file' || event.code !== 'newcomer') return undefined
    const [said, archive] = [(name: string) => event.original.get(name) ?? '', event.original.get('archive') ?? '']
    const stamped = microsFromIso(said('archiveTime'))
    const backDated = stamped !== undefined && (event.fileTime ?? 0) > stamped + ZONES
    const name = (event.path ?? '').split('!/').at(-1) ?? ''
    return {
      title: `${name} came into ${fileNameOf(archive)} on ${said('added').slice(0, 10)}, the other classes were built by ${said('built').slice(0, 10)}`,
      object: archive,
      ...(backDated
        ? {
            severity: 'medium',
            techniques: ['T1505.003', 'T1554', 'T1070.006'],
            why: `The archive says it was last changed on ${said('archiveTime').slice(0, 10)}, before that class was written: its time was set back. ${archiveNewcomer.why}`,
          }
        : {}),
    }
  },
}

/** Names of what nobody takes for a program. */
const NO_LIBRARY = /\.(?:png|jpe?g|gif|ico|bmp|webp|txt|log|dat|css|tmp|pdf|lic)$/i

/** A Java archive under the name of a picture or text. */
export const disguisedArchive: RecordDetector<'file_activity'> = {
  on: 'record',
  id: 'web-shell/disguised-archive',
  title: 'Java archive under another name',
  reads: 'file_activity',
  techniques: ['T1036.008', 'T1505.003'],
  severity: 'medium',
  confidence: 'moderate',
  why: 'Java loads an archive whatever it is called; under the name of a picture nobody looks for code.',
  innocent: 'a product that keeps its libraries under names of its own',
  detect: event =>
    event.product === 'file' && event.code === 'java-archive' && NO_LIBRARY.test(event.path ?? '') ? disguised(event) : undefined,
}

const disguised = ({ path = '' }: EventOf<'file_activity'>): Match => ({
  title: `${fileNameOf(path)} is a Java archive`,
  object: path,
})

/** Libraries that two folders have alike before the one that is not says something. */
const ENOUGH_ALIKE = 5
/** More that differ are another release. */
const MOST_DIFFERENT = 2

/** Two folders hold the same libraries, byte for byte, but for one. */
export const archiveDiffers: SetDetector = {
  on: 'set',
  id: 'web-shell/archive-differs',
  title: 'Library that differs from its sibling',
  reads: ['file_activity'],
  techniques: ['T1505.003', 'T1554'],
  severity: 'medium',
  confidence: 'low',
  why: 'Servers of one release have the same libraries. One that differs while all around it are alike was changed on one of the two.',
  innocent: 'a patch of that one library, installed on one of the servers only',
  query: sql => `with jar as (
      select evidence, replace(path, '\\', '/') as path, ${sql.replaceAll("replace(path, '\\', '/')", '[^/]*$', '')} as folder,
        lower(${sql.replaceAll("replace(path, '\\', '/')", '^.*/', '')}) as name, sha256
      from evidence_item where format = 'java-archive'
    ), pair as (
      select a.folder as "folderA", b.folder as "folderB", count(*) filter (where a.sha256 = b.sha256) as alike, count(*) filter (where a.sha256 <> b.sha256) as different
      from jar a join jar b on a.name = b.name where a.folder < b.folder group by a.folder, b.folder
    ), odd as (
      select a.name as name, a.path as "pathA", b.path as "pathB", a.evidence as "evidenceA", b.evidence as "evidenceB", p.alike as alike
      from jar a join jar b on a.name = b.name join pair p on a.folder = p."folderA" and b.folder = p."folderB"
      where a.sha256 <> b.sha256 and p.alike >= ${ENOUGH_ALIKE} and p.different <= ${MOST_DIFFERENT}
    )
    select o.name as name, o."pathA" as "pathA", o."pathB" as "pathB", max(o.alike) as alike, count(*) as files, max(f.host) as host, ${sql.records(10)} as records
    from odd o join file_activity f on f.code = 'java-archive' and (f.evidence = o."evidenceA" or f.evidence = o."evidenceB")
    group by o.name, o."pathA", o."pathB" order by name, "pathA", "pathB"`,
  finding(row) {
    const [a, b] = [textOf(row, 'pathA'), textOf(row, 'pathB')]
    return draftOf(archiveDiffers, {
      title: `${textOf(row, 'name')} is not the same in two folders that have ${numberOf(row, 'alike')} libraries alike`,
      object: a,
      evidence: listOf(row, 'records'),
      evidenceTotal: numberOf(row, 'files'),
      hosts: [textOf(row, 'host')],
      why: `${a} and ${b} differ. ${archiveDiffers.why}`,
    })
  },
}
