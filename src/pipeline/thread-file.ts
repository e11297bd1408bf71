import { join } from 'node:path'

/** The file a thread or process of ours starts with: TypeScript beside sources, JavaScript in the compiled program. */
export function threadFile(directory: string, name: string): string {
  return join(directory, `${name}.${import.meta.filename.endsWith('.ts') ? 'ts' : 'js'}`)
}
