export { reasonsOf } from './file-finding.ts'
export type { FileVerdict, JudgedFile } from './judged-file.ts'
export { type WebrootListener, type WebrootOptions, type WebrootSummary, webroot } from './webroot.ts'
