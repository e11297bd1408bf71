import type { Figures } from './judge.ts'

const percent = (value: number): string => `${(value * 100).toFixed(value !== 0 && value < 0.001 ? 2 : 1)} %`
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

/** One table over all runs: a row for each source of flows, with relays and without. */
export function tableOf(all: readonly Figures[]): readonly string[] {
  const rows = [...Map.groupBy(all, ({ source, relaying }) => `${source}${relaying ? '' : ', no relays'}`)]
  return [
    '| flows | runs | recall, worst (mean) | wrong, worst run (all) | estimated, mean | estimated at least the true rate | matched | possible |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map(([name, runs]) => {
      const [first] = runs
      const said = (run: Figures) => (run.coarse ? run.possible : run.matched)
      const saying = runs.filter(run => said(run) > 0)
      const claims = sum(saying.map(said))
      const wrong = claims === 0 ? 0 : sum(saying.map(run => run.wrong * said(run))) / claims
      const honest = saying.filter(run => run.estimated >= run.wrong).length
      const recall = first?.relaying
        ? `${percent(Math.min(...runs.map(run => run.recall)))} (${percent(sum(runs.map(run => run.recall)) / runs.length)})`
        : ''
      const rates =
        saying.length === 0
          ? ['', '', '']
          : [
              `${percent(Math.max(...saying.map(run => run.wrong)))} (${percent(wrong)})`,
              percent(sum(saying.map(run => run.estimated)) / saying.length),
              `${honest} of ${saying.length}`,
            ]
      return `| ${name} | ${runs.length} | ${recall} | ${rates.join(' | ')} | ${sum(runs.map(run => run.matched))} | ${sum(runs.map(run => run.possible))} |`
    }),
  ]
}

/** What must hold, with the figure that shows it. */
export function checksOf(all: readonly Figures[], bridged: number): readonly (readonly [what: string, good: boolean])[] {
  const fine = all.filter(({ relaying, coarse }) => relaying && !coarse)
  const coarse = all.filter(run => run.coarse)
  const controls = all.filter(({ relaying }) => !relaying)
  const honest = fine.filter(({ estimated, wrong }) => estimated >= wrong).length
  const saying = coarse.filter(({ possible }) => possible > 0)
  const honestlyCoarse = saying.filter(({ estimated, wrong }) => estimated >= wrong).length
  const worstRecall = Math.min(1, ...fine.map(({ recall }) => recall))
  const worst = Math.max(0, ...fine.map(({ wrong }) => wrong))
  const matchedIn = (runs: readonly Figures[]) => sum(runs.map(({ matched }) => matched))
  return [
    [`recall at least 0.95 with milliseconds: worst of ${fine.length} runs ${worstRecall.toFixed(3)}`, worstRecall >= 0.95],
    [`at most 2 % of the matches wrong: worst of ${fine.length} runs ${percent(worst)}`, worst <= 0.02],
    [`estimated rate at least the true one: ${honest} of ${fine.length} runs`, honest >= 0.95 * fine.length],
    [
      `the same of what whole seconds call possible: ${honestlyCoarse} of ${saying.length} runs`,
      honestlyCoarse >= 0.95 * saying.length,
    ],
    [
      `nothing called matched without relays: ${matchedIn(controls)} matches in ${controls.length} runs`,
      matchedIn(controls) === 0,
    ],
    [`whole seconds never matched: ${matchedIn(coarse)} matches in ${coarse.length} runs`, matchedIn(coarse) === 0],
    [`the hop that was not recorded never bridged: ${bridged} times`, bridged === 0],
  ]
}
