import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { islandReport } from '../../../test/report/sample-reports.ts'
import type { EntityKind, ReportIncident, ReportStep, StepEnd } from '../../model/index.ts'
import { attackDiagram, type DiagramLayout, layoutDiagram } from './attack-diagram.ts'
import { textWidth } from './measure.ts'
import { SIZE } from './place.ts'

const [incident] = islandReport.incidents
if (!incident) throw new Error('the sample has no incident')

interface Rectangle {
  readonly what: string
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const overlap = (a: Rectangle, b: Rectangle) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

function boxesOf({ placed }: DiagramLayout): Rectangle[] {
  return placed.boxes.map(({ box, left, top, width, height }) => ({
    what: box.name,
    left,
    top,
    right: left + width,
    bottom: top + height,
  }))
}

/** Every text and number of a box with the place it takes, measured with the widest usual font. */
function textsOf({ placed }: DiagramLayout): { readonly inside: Rectangle; readonly box: Rectangle }[] {
  return placed.boxes.flatMap(item => {
    const box = {
      what: item.box.name,
      left: item.left,
      top: item.top,
      right: item.left + item.width,
      bottom: item.top + item.height,
    }
    const text = (what: string, x: number, top: number, size: number, bold = false) => ({
      box,
      inside: { what, left: x, top, right: x + textWidth(what, size, bold), bottom: top + size },
    })
    const x = item.left + SIZE.pad
    let y = item.top + SIZE.pad + SIZE.icon + 4
    const all = [text(item.box.kind, x + SIZE.icon + 6, item.top + SIZE.pad + 1, SIZE.kind)]
    for (const line of item.nameLines) {
      all.push(text(line, x, y, SIZE.name, true))
      y += 17
    }
    for (const line of item.detailLines) {
      all.push(text(line, x, y, SIZE.detail))
      y += 14
    }
    for (const row of item.rows) {
      const top = item.top + row.top + SIZE.rowGap / 2
      all.push({ box, inside: { what: row.row.numbers, left: x, top, right: x + row.pillWidth, bottom: top + SIZE.pill } })
      for (const [index, line] of row.titleLines.entries())
        all.push(text(line, x + row.pillWidth + 7, top + index * SIZE.titleLine + 1, SIZE.title))
      for (const [index, line] of row.timeLines.entries())
        all.push(
          text(line, x + row.pillWidth + 7, top + row.titleLines.length * SIZE.titleLine + 2 + index * SIZE.timeLine, SIZE.time),
        )
    }
    if (item.trail)
      for (const [index, line] of item.trail.lines.entries())
        all.push(text(line, x, item.top + item.trail.top + 4 + index * 14, SIZE.detail))
    return all
  })
}

function problems(layout: DiagramLayout): string[] {
  const found: string[] = []
  const boxes = boxesOf(layout)
  for (const [index, a] of boxes.entries())
    for (const b of boxes.slice(index + 1)) if (overlap(a, b)) found.push(`box ${a.what} lies on box ${b.what}`)
  const texts = textsOf(layout)
  for (const { inside, box } of texts)
    if (inside.left < box.left || inside.right > box.right || inside.top < box.top || inside.bottom > box.bottom)
      found.push(`"${inside.what}" sticks out of ${box.what}`)
  for (const [index, a] of texts.entries())
    for (const b of texts.slice(index + 1))
      if (a.box.what === b.box.what && a.box.top === b.box.top && overlap(a.inside, b.inside))
        found.push(`"${a.inside.what}" lies on "${b.inside.what}"`)
  const flat: { readonly way: number; readonly y: number; readonly left: number; readonly right: number }[] = []
  const lanes: { readonly way: number; readonly x: number; readonly top: number; readonly bottom: number }[] = []
  for (const [way, { points }] of layout.routed.routes.entries())
    for (const [index, a] of points.entries()) {
      const b = points[index + 1]
      if (!b) continue
      const line = {
        what: 'way',
        left: Math.min(a.x, b.x),
        right: Math.max(a.x, b.x),
        top: Math.min(a.y, b.y),
        bottom: Math.max(a.y, b.y),
      }
      for (const box of boxes)
        if (line.left < box.right - 0.5 && line.right > box.left + 0.5 && line.top < box.bottom && line.bottom > box.top)
          found.push(`a way crosses box ${box.what}`)
      if (a.x !== b.x && a.y !== b.y) found.push('a way is not right-angled')
      if (a.y === b.y) flat.push({ way, y: a.y, left: line.left, right: line.right })
      if (a.x === b.x && a.y !== b.y) lanes.push({ way, x: a.x, top: line.top, bottom: line.bottom })
    }
  for (const [index, a] of lanes.entries())
    for (const b of lanes.slice(index + 1))
      if (a.way !== b.way && Math.abs(a.x - b.x) < 5 && a.top < b.bottom && b.top < a.bottom)
        found.push('two ways run on each other')
  for (const [index, a] of flat.entries())
    for (const b of flat.slice(index + 1))
      if (a.way !== b.way && Math.abs(a.y - b.y) < 2 && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 4)
        found.push('two ways lie on each other')
  const heads = layout.routed.routes.map(({ points }) => points.at(-1)).filter(point => point !== undefined)
  for (const [index, a] of heads.entries())
    for (const b of heads.slice(index + 1))
      if (a.x === b.x && Math.abs(a.y - b.y) < 9 && a.y !== b.y) found.push('two arrow heads touch')
  return found
}

const kinds: readonly EntityKind[] = [
  'outside-address',
  'relay',
  'edge-device',
  'host',
  'account',
  'file',
  'web-resource',
  'service',
  'critical-service',
]
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('a'.repeat(300), 'w.example', 'W'.repeat(40), '漢字'.repeat(30), '', ' '),
)
const end: fc.Arbitrary<StepEnd> = fc.record({
  entity: fc.constantFrom(...kinds),
  name,
  addresses: fc.array(fc.constantFrom('192.0.2.1', '2001:db8::1'), { maxLength: 3 }),
})

const randomIncident: fc.Arbitrary<ReportIncident> = fc
  .record({
    ends: fc.array(end, { minLength: 1, maxLength: 40, size: 'max' }),
    picks: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean(), fc.string({ maxLength: 120 })), { maxLength: 60, size: 'max' }),
    lost: fc.array(fc.nat(), { maxLength: 4 }),
  })
  .map(({ ends, picks, lost }) => {
    const at = (index: number) => ends[index % ends.length] as StepEnd
    return {
      ...incident,
      entities: [],
      steps: picks.map(
        ([from, to, observed, title], index): ReportStep => ({
          order: index + 1,
          time: '2023-08-15T05:34:25.000000Z',
          orderedTime: '2023-08-15T05:34:25.000000Z',
          technique: index % 3 === 0 ? 'T1105' : 'T1018',
          title,
          from: at(from),
          to: at(to),
          account: '',
          how: observed ? 'observed' : 'inferred',
          why: '',
          findings: [],
          evidence: [],
        }),
      ),
      trailEnds: lost.map(index => ({
        at: at(index).name,
        why: 'Nothing further was recorded '.repeat(4),
        whatWouldContinueIt: '',
      })),
    }
  })

describe.each([false, true])('stacked: %s', stacked => {
  test('nothing of the sample overlaps', () =>
    expect(problems(layoutDiagram(incident, { stacked, services: islandReport.impact.services }))).toEqual([]))

  test('nothing overlaps in random incidents of up to 40 ends', () => {
    fc.assert(
      fc.property(randomIncident, random => {
        expect(problems(layoutDiagram(random, { stacked, services: islandReport.impact.services }))).toEqual([])
      }),
      { numRuns: 150 },
    )
  }, 120_000)
})

test('ways that all leave a box on the side another comes in have heights of their own', () => {
  const [first] = incident.steps
  if (!first) throw new Error('no step')
  const service: StepEnd = { entity: 'critical-service', name: 'service', addresses: [] }
  const outside: StepEnd = { entity: 'outside-address', name: '203.0.113.24', addresses: [] }
  const way = (order: number, from: StepEnd, to: StepEnd): ReportStep => ({ ...first, order, from, to, title: '' })
  const alternating = Array.from({ length: 6 }, (_, index) => [
    way(2 * index + 1, service, outside),
    way(2 * index + 2, index === 5 ? outside : service, index === 5 ? service : { ...outside, name: `203.0.113.${index}` }),
  ]).flat()
  const steps = [...alternating, ...Array.from({ length: 6 }, (_, index) => way(20 + index, service, outside))]
  expect(problems(layoutDiagram({ ...incident, steps, trailEnds: [] }, { services: islandReport.impact.services }))).toEqual([])
})

test('every step is somewhere in the picture, once', () => {
  const { placed } = layoutDiagram(incident)
  const shown = placed.boxes.flatMap(box => box.rows.flatMap(row => row.row.steps.map(step => step.order)))
  expect(shown.toSorted((a, b) => a - b)).toEqual(incident.steps.map(step => step.order))
})

test('a thousand steps between two hosts share lines', () => {
  const [first] = incident.steps
  if (!first) throw new Error('no step')
  const steps = Array.from({ length: 1000 }, (_, index) => ({ ...first, order: index + 1 }))
  const { placed } = layoutDiagram({ ...incident, steps, trailEnds: [] })
  expect(placed.boxes.map(box => [box.box.name, box.rows.map(row => row.row.numbers)])).toEqual([
    ['203.0.113.24', []],
    ['web01', ['1–1000']],
  ])
})

test('four hundred relays become one box beside the busiest', () => {
  const [first] = incident.steps
  if (!first) throw new Error('no step')
  const steps = Array.from({ length: 400 }, (_, index) => ({
    ...first,
    order: index + 1,
    from: { ...first.from, name: `relay ${index}` },
  }))
  const { placed } = layoutDiagram({ ...incident, steps, trailEnds: [] })
  expect(placed.boxes.map(box => box.box.name)).toEqual(
    [...Array.from({ length: 7 }, (_, index) => `relay ${index}`), 'web01', '393 more'].toSorted(
      (a, b) => placed.boxes.findIndex(box => box.box.name === a) - placed.boxes.findIndex(box => box.box.name === b),
    ),
  )
})

test('no name becomes markup', () => {
  const [first] = incident.steps
  if (!first) throw new Error('no step')
  const bad = '<script>alert(1)</script>" onload="x'
  const svg = attackDiagram(
    {
      ...incident,
      title: bad,
      steps: [{ ...first, title: bad, from: { ...first.from, name: bad } }],
      trailEnds: [{ at: bad, why: bad, whatWouldContinueIt: '' }],
    },
    { hrefOf: () => bad },
  )
  expect(svg).not.toMatch(/<script|" onload/)
})

test('an incident without steps is an empty picture', () =>
  expect(attackDiagram({ ...incident, steps: [], trailEnds: [] })).toMatch(/^<svg/))
