import type { FoundItem } from './look.ts'

/**
 * Items up to so many bytes are hashed and read before larger ones are even hashed: on a large folder the first findings come after
 * seconds. Sizes alone decide, so that copies of the same bytes are always met together.
 */
const WAVES = [4 << 20, 64 << 20, Number.POSITIVE_INFINITY]
/** Evidence that is hashed in a moment anyway is one wave: between two of them the workers wait for each other. */
const ONE_WAVE = 64 << 20

/** Formats that count traffic: millions of records that say little each. Whatever is not named here is read before them. */
const TRAFFIC = new Set(['access-log', 'access-log-json', 'iis', 'pcap', 'suricata', 'zeek'])

/** The items in the groups in which they are hashed and read. */
export function wavesOf(items: readonly FoundItem[]): readonly (readonly FoundItem[])[] {
  if (items.reduce((bytes, item) => bytes + item.bytes, 0) <= ONE_WAVE) return [items]
  const waves = Map.groupBy(items, ({ bytes }) => WAVES.findIndex(most => bytes <= most))
  return WAVES.flatMap((_, wave) => {
    const some = waves.get(wave)
    return some ? [some] : []
  })
}

/** Order of reading within a wave: what tells much in few records first, then by size, then by path. */
export function byValue(a: FoundItem, b: FoundItem): number {
  return rankOf(a) - rankOf(b) || a.bytes - b.bytes || (a.path < b.path ? -1 : 1)
}

function rankOf({ reader }: FoundItem): number {
  return reader && TRAFFIC.has(reader.format) ? 1 : 0
}
