import type { FoundItem } from './look.ts'

/** Formats that count traffic: millions of records that say little each. Whatever is not named here is read before them. */
const TRAFFIC = new Set(['access-log', 'access-log-json', 'iis', 'pcap', 'suricata', 'zeek'])
/** A log of traffic is put off like another of so many times its size. */
const TRAFFIC_WEIGHT = 8

/** The first group is hashed in a moment, so that its findings come after seconds however large the folder is. */
const FIRST_WAVE = 64 << 20
/** Between two groups the workers wait for each other, so later ones are larger; hashing the largest still takes only some seconds. */
const LARGEST_WAVE = 2 ** 31

/**
 * The items in the groups in which they are hashed and read: what is small and tells much first. Copies of the same bytes are met in the
 * order of their paths, because they have the same size and format.
 */
export function wavesOf(items: readonly FoundItem[]): readonly (readonly FoundItem[])[] {
  const sorted = items.toSorted((a, b) => weightOf(a) - weightOf(b) || (a.path < b.path ? -1 : 1))
  const waves: FoundItem[][] = [[]]
  let room = FIRST_WAVE
  let bytes = 0
  for (const item of sorted) {
    if (bytes > 0 && bytes + item.bytes > room) {
      waves.push([])
      room = Math.min(room * 2, LARGEST_WAVE)
      bytes = 0
    }
    waves.at(-1)?.push(item)
    bytes += item.bytes
  }
  return waves
}

/** Order of reading within a group: what tells much in few records first, then by size, then by path. */
export function byValue(a: FoundItem, b: FoundItem): number {
  return rankOf(a) - rankOf(b) || a.bytes - b.bytes || (a.path < b.path ? -1 : 1)
}

/** Does an item tell much in few records? */
export const tellsMuch = (item: FoundItem): boolean => rankOf(item) === 0

const rankOf = ({ reader }: FoundItem) => (reader && TRAFFIC.has(reader.format) ? 1 : 0)

const weightOf = (item: FoundItem) => item.bytes * (rankOf(item) === 1 ? TRAFFIC_WEIGHT : 1)
