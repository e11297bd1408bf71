import { exitCodes } from './exit-code.ts'

/** One stop reaches a program more than once: `timeout` and npm send it to the process and to its group. Nobody presses twice so fast. */
const SAME_STOP_MILLISECONDS = 500

/** What Ctrl-C (SIGINT) or SIGTERM asks for; `end` gives the two back to Node. */
export interface StopSignal {
  readonly signal: AbortSignal
  end(): void
}

/** The first Ctrl-C aborts `signal` and calls `onStop`; a later one ends the program at once with exit code 130. */
export function stopOnSignal(onStop: () => void = () => undefined): StopSignal {
  const controller = new AbortController()
  let stoppedAt = 0
  const stop = () => {
    if (controller.signal.aborted) {
      if (performance.now() - stoppedAt >= SAME_STOP_MILLISECONDS) process.exit(exitCodes.interrupted)
      return
    }
    stoppedAt = performance.now()
    controller.abort()
    onStop()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return {
    signal: controller.signal,
    end: () => {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    },
  }
}
