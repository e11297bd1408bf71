import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { detectors } from '../src/detect/registry.ts'
import { techniqueOf } from '../src/knowledge/index.ts'

const ROOT = resolve(import.meta.dirname, '..')
const DOCS = join(ROOT, 'docs', 'detectors')
const pages = readdirSync(DOCS).map(name => readFileSync(join(DOCS, name), 'utf8'))

describe('every detector', () => {
  test.each(detectors.map(detector => [detector.id, detector] as const))('%s', (id, { title, techniques, why, innocent }) => {
    expect(readdirSync(join(ROOT, 'src', 'detect'))).toContain(id.split('/')[0])
    expect(techniques.filter(technique => techniqueOf(technique) === undefined)).toEqual([])
    // a card is printed as it stands: a sentence each, and the innocent explanation is always there
    expect([title, why, innocent].every(text => text.length >= 10 && text.trim() === text)).toBe(true)
    expect(
      pages.some(page => new RegExp(`^#{1,2} ${id}\\b`, 'm').test(page)),
      `no section "## ${id}" in docs/detectors`,
    ).toBe(true)
  })

  test('has an id of its own', () => {
    const ids = detectors.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })
})
