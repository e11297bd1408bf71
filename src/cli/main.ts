#!/usr/bin/env node
// Nothing is imported before the check: on an older Node the first missing module would end it with a riddle.
const NEEDED = 24
const major = Number(process.versions.node.split('.')[0])

if (major < NEEDED) {
  process.stderr.write(
    `usage/old-node  barograph needs Node ${NEEDED} or newer; this is ${process.versions.node}\n  try: in a clone run ./barograph, which brings its own Node; elsewhere install Node ${NEEDED}\n`,
  )
  process.exitCode = 2
} else {
  const { main } = await import('./program.ts')
  process.exitCode = await main(process.argv.slice(2))
}

export {}
