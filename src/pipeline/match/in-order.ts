/**
 * Runs `work` over items, at most `limit` at once, and hands the results to `use` in the order of the items, one at a time. No
 * further item is taken when `goOn` says no; those that run are waited for. The first error ends it.
 */
export async function inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  limit: number,
  goOn: () => boolean,
  work: (item: Item) => Promise<Result>,
  use: (result: Result, item: Item) => Promise<void>,
): Promise<void> {
  const running: { readonly item: Item; readonly result: Promise<Result> }[] = []
  const next = async () => {
    const first = running.shift()
    if (first) await use(await first.result, first.item)
  }
  try {
    for await (const item of items) {
      if (!goOn()) break
      const result = work(item)
      // An error is met when its turn comes; until then it is nobody's unhandled rejection.
      result.catch(() => undefined)
      running.push({ item, result })
      if (running.length >= limit) await next()
    }
    while (running.length > 0 && goOn()) await next()
  } finally {
    await Promise.allSettled(running.map(({ result }) => result))
  }
}
