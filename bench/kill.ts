// Kills a hunt at twenty random moments, some while a segment is renamed or the database written, resumes it each time, and
// compares the report with that of an undisturbed run. Run: node bench/kill.ts [MEGABYTES=500] [KILLS=20]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KillMoment, reportOf, runHunt } from '../test/resume-hunt.ts'
import { setup as buildProgram } from '../test/threads/build-program.ts'
import { makeEvidence } from './made-evidence.ts'

buildProgram()
const megabytes = Number(process.argv[2] ?? 500)
const kills = Number(process.argv[3] ?? 20)
const directory = mkdtempSync(join(tmpdir(), 'barograph-kill-'))
const evidence = join(directory, 'evidence')
try {
  await makeEvidence(evidence, megabytes * 1e6, 6)
  const calm = await runHunt(evidence, join(directory, 'undisturbed'))
  if (calm.code !== 0) throw new Error(`the undisturbed hunt ended with ${calm.code}: ${calm.stderr}`)
  console.log(`${megabytes} MB, undisturbed in ${(calm.milliseconds / 1000).toFixed(1)} s`)
  const place = join(directory, 'killed')
  let done = 0
  for (let run = 0; done < kills && run < 3 * kills; run++) {
    const end = await runHunt(evidence, place, momentOf(run, calm.milliseconds))
    if (end.killed) done += 1
    else if (end.code !== 0) throw new Error(`run ${run} ended with ${end.code}: ${end.stderr}`)
    console.log(`run ${run + 1}: ${end.killed ? 'killed' : 'came to its end'} after ${(end.milliseconds / 1000).toFixed(1)} s`)
    // A hunt that is complete has nothing left to disturb but the analysis: begin another one now and then.
    if (!end.killed && done < kills) rmSync(place, { recursive: true, force: true })
  }
  const last = await runHunt(evidence, place)
  if (last.code !== 0) throw new Error(`the last run ended with ${last.code}: ${last.stderr}`)
  const same = reportOf(place) === reportOf(join(directory, 'undisturbed'))
  console.log(`${done} kills; report ${same ? 'byte for byte the same' : 'DIFFERS'}`)
  if (!same) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** Half at random times, a quarter at a segment, a quarter at a commit. */
function momentOf(run: number, duration: number): KillMoment {
  switch (run % 4) {
    case 1:
      return { onSegment: Math.floor(Math.random() * 12) }
    case 3:
      return { onCommit: Math.floor(Math.random() * 40) }
    default:
      return { after: (0.1 + 0.9 * Math.random()) * duration }
  }
}
