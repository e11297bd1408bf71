import { createHash } from 'node:crypto'

/** Digests of small values inside evidence (certificates, fingerprints of clients); whole files are hashed by the survey. */
export function digestOf(algorithm: 'md5' | 'sha256', content: string | Uint8Array): string {
  return createHash(algorithm).update(content).digest('hex')
}
