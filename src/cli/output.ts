import { once } from 'node:events'
import type { TerminalOptions } from '../report/index.ts'

let closed = false

/** A reader that has seen enough (`| head`) is no error: what follows is not written. */
export function watchOutput(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', error => {
      if (!('code' in error) || error.code !== 'EPIPE') throw error
      if (stream === process.stdout) closed = true
    })
}

/** Writes to stdout at the reader's pace; false when nobody reads any more. */
export async function print(text: string): Promise<boolean> {
  if (closed) return false
  if (!process.stdout.write(text) && !closed) {
    // The one that does not happen must not leave its listeners behind.
    const waiting = new AbortController()
    const { signal } = waiting
    await Promise.race([once(process.stdout, 'drain', { signal }), once(process.stdout, 'close', { signal })]).catch(
      () => undefined,
    )
    waiting.abort()
  }
  return !closed
}

/** How the terminal behind a stream may be written to. */
export function terminalOptions(stream: NodeJS.WriteStream): TerminalOptions {
  return { width: stream.columns || 100, colour: hasColour(stream), unicode: hasUnicode() }
}

/** Colour only on a terminal, and never with NO_COLOR (no-color.org). */
export function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb'
}

function hasUnicode(): boolean {
  const locale = process.env['LC_ALL'] || process.env['LC_CTYPE'] || process.env['LANG'] || ''
  return process.platform === 'win32' || /utf-?8/i.test(locale)
}
