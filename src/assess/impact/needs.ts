import type { Need, Service } from '../../model/index.ts'

/** Does a need still hold when everything in `lost` has stopped? What the list does not know is taken to go on. */
export function holds(need: Need, lost: ReadonlySet<string>): boolean {
  if ('one' in need) return !lost.has(need.one)
  if ('all' in need) return need.all.every(part => holds(part, lost))
  if ('any' in need) return need.any.some(part => holds(part, lost))
  return need.of.filter(part => holds(part, lost)).length >= need.atLeast
}

/** Services that stop when the given assets do, including those that only need another service: the least such set, so that a ring of services does not stop by itself. */
export function lostServices(services: readonly Service[], assets: ReadonlySet<string>): ReadonlySet<string> {
  const lost = new Set(assets)
  for (let grown = true; grown; ) {
    grown = false
    for (const service of services)
      if (!lost.has(service.id) && !holds(service.needs, lost)) {
        lost.add(service.id)
        grown = true
      }
  }
  return new Set(services.map(service => service.id).filter(id => lost.has(id)))
}

/** Ids a need names. */
export function namesIn(need: Need): readonly string[] {
  if ('one' in need) return [need.one]
  return ('all' in need ? need.all : 'any' in need ? need.any : need.of).flatMap(namesIn)
}

/** Assets a service needs, through other services too. */
export function assetsBehind(service: Service, services: readonly Service[]): ReadonlySet<string> {
  const byId = new Map(services.map(entry => [entry.id, entry]))
  const found = new Set<string>()
  const seen = new Set<string>()
  const visit = (entry: Service): void => {
    if (seen.has(entry.id)) return
    seen.add(entry.id)
    for (const name of namesIn(entry.needs)) {
      const next = byId.get(name)
      if (next) visit(next)
      else found.add(name)
    }
  }
  visit(service)
  return found
}
