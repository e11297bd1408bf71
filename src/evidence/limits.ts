/** What unpacking may cost at most. Hostile archives are normal input: each limit ends one container, never the hunt. */
export interface UnpackLimits {
  /** Containers inside containers. */
  readonly depth: number
  /** Members of one given archive, all levels together. */
  readonly members: number
  /** Inflated bytes of one given archive, all levels together. */
  readonly bytes: number
  /** Inflated bytes for each packed byte, once more than `ratioFloor` came out. */
  readonly ratio: number
  readonly ratioFloor: number
}

/** A collector's zip holds a host's zip, which holds gz logs: three levels; eight leaves room for a mail of a backup of it. */
export const MAX_DEPTH = 8
/** A triage collection of a large file server has some hundred thousand members. */
export const MAX_MEMBERS = 1_000_000
/** One archive that unpacks to more than 1 TiB is a disk image or a bomb, and neither fits beside a case. */
export const MAX_INFLATED_BYTES = 2 ** 40
/** The most repetitive real logs (health checks, one line a second) deflate about 100 to 1; deflate itself ends at 1032 to 1. */
export const MAX_RATIO = 256
/** Below this a bad ratio costs nothing worth refusing: nearly empty event logs are mostly zeros and pack 1000 to 1. */
export const RATIO_FLOOR_BYTES = 2 ** 30

/** The limits a hunt uses. */
export const UNPACK_LIMITS: UnpackLimits = {
  depth: MAX_DEPTH,
  members: MAX_MEMBERS,
  bytes: MAX_INFLATED_BYTES,
  ratio: MAX_RATIO,
  ratioFloor: RATIO_FLOOR_BYTES,
}

/** How much of an item `EvidenceSample.head` holds. */
export const SAMPLE_BYTES = 64 * 1024
/** Lines of a sample. */
export const SAMPLE_LINES = 50
/** A part is about this long: some seconds of reading, so that all cores have work on one large file and a lost part is cheap. */
export const PART_BYTES = 32 << 20
/** Header lines handed to a part; an IIS log writes four at each restart, and only the last ones matter. */
export const MAX_HEADER_LINES = 1_000
