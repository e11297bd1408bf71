import { freeBytes } from '../evidence/index.ts'
import { type Case, CaseError } from '../store/index.ts'
import type { FoundItem } from './look.ts'
import type { ProgressListener } from './progress.ts'

/** What a case takes of a byte of evidence: 0.37 of mixed logs (`bench:large`); records with long texts of their own take more. */
const USUAL_SHARE = 0.5
/** Less than this was seen of no evidence: whatever it is, it will not fit. */
const LEAST_SHARE = 0.1
/** Below it the case's own tables count for more than the evidence, and a full disk is met soon enough. */
const WORTH_SAYING = 64 << 20

/** Will a case of so much evidence fit on a disk with so many free bytes? */
export function roomFor(bytes: number, free: number): 'enough' | 'tight' | 'too little' {
  if (bytes < WORTH_SAYING || free > bytes * USUAL_SHARE) return 'enough'
  return free > bytes * LEAST_SHARE ? 'tight' : 'too little'
}

/** Says before anything is read that the disk may not hold the case, and refuses where it cannot; what is read already is kept. */
export function checkRoom(items: readonly FoundItem[], opened: Case, listener: ProgressListener): void {
  const done = new Set(opened.manifest.items().flatMap(({ state, path }) => (state === 'read' ? [path] : [])))
  const bytes = items.reduce((sum, { reader, path, bytes: size }) => sum + (reader && !done.has(path) ? size : 0), 0)
  const free = freeBytes(opened.directory)
  const megabytes = (count: number) => `${Math.ceil(count / 1e6).toLocaleString('en-US')} MB`
  const needed = `a case of ${megabytes(bytes)} of evidence takes about ${megabytes(bytes * USUAL_SHARE)}, and ${opened.directory} has ${megabytes(free)} free`
  const room = roomFor(bytes, free)
  if (room === 'too little')
    throw new CaseError(
      'case/disk-full',
      needed,
      'free space, or put the case on a larger disk with --out DIR; nothing was read yet',
    )
  if (room === 'tight')
    listener.say(`The disk may become full: ${needed}. What is done by then is kept, and the same command goes on from there.`)
}
