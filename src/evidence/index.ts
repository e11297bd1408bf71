export { crc32 } from './checksum.ts'
export { type CollectionKind, type CollectionPlace, placeInCollection } from './collections.ts'
export { containerType } from './container-type.ts'
export { digestOf } from './digest.ts'
export { decodeText, encodingOf } from './encoding.ts'
export {
  type EvidenceFile,
  type EvidenceState,
  isPathProblem,
  MISSING_PATH,
  SpillSpaceError,
  UNREADABLE_PATH,
} from './evidence-file.ts'
export { type FactHints, guessCollections, guessFacts, hintsOf, withCollection } from './guess-facts.ts'
export { Hive, HiveKey, type HiveValue, hiveNumber, hiveText } from './hive.ts'
export { currentControlSet, hiveFacts } from './hive-facts.ts'
export { inflateZstd } from './inflate-block.ts'
export { type KnownType, knownTypes } from './known-types.ts'
export * from './limits.ts'
export { openPart, type PartPlan } from './part.ts'
export { emptySample, sampleOf, sampleOfBytes } from './sample.ts'
export {
  type DeclaredSource,
  type FactGuesses,
  factsFor,
  type Guess,
  matchesGlob,
  parseSourceOption,
  type SourceProblem,
} from './source-facts.ts'
export { readSourcesYaml, type SourceEntry, writeSourcesYaml } from './sources-yaml.ts'
export { freeBytes } from './space.ts'
export { hashFile, hashSource } from './spill.ts'
export { cutUnread, type PartRange, type Survey, surveyFile, verifyFile } from './survey.ts'
export { type FoundFile, filesUnder, type OpenOptions, openedItems, shownNames, type WalkOptions, walkEvidence } from './walk.ts'
export { type ZipEntry, zipContent, zipEntries } from './zip-directory.ts'
