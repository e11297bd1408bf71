import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/**
 * In tests threads start from the compiled program. From sources each thread would strip the types of three hundred files first, with a compiler in
 * WebAssembly that Node brings: two thirds of a thread's start, and the reason for crashes of Node itself when such threads come and go
 * (github.com/nodejs/node/issues/64500).
 */
export function threadFile(directory: string, name: string): string {
  return join(root, 'dist', relative(join(root, 'src'), directory), `${name}.js`)
}
