import { expect, test } from 'vitest'
import { draft } from '../../test/case-events.ts'
import { mergeDrafts } from './merge.ts'
import { drawnTechnique } from './steps.ts'

/** A shell of a web server, and another detector that saw one of the commands that went through it. */
const drawn = (aim: string, secondsLater: number) => {
  const later = new Date(Date.parse('2024-01-01T10:00:00Z') + secondsLater * 1000).toISOString()
  const [finding] = mergeDrafts(
    [
      draft('shell', 'w3wp.exe started cmd.exe', {
        severity: 'high',
        techniques: ['T1505.003'],
        object: 'w3wp.exe',
        hosts: ['web01'],
        time: '2024-01-01T10:00:00Z',
        evidence: ['e:1:0'],
      }),
      draft('shell', 'w3wp.exe started cmd.exe', {
        severity: 'high',
        techniques: ['T1505.003'],
        object: 'w3wp.exe',
        hosts: ['web01'],
        time: later,
        evidence: ['e:2:0'],
      }),
      draft('other', 'what it was for', {
        severity: 'medium',
        techniques: [aim, 'T1505.003'],
        hosts: ['web01'],
        time: later,
        evidence: ['e:2:0'],
      }),
    ],
    host => host,
  )
  return finding ? drawnTechnique(finding) : ''
}

test.each([
  ['one command is drawn with what it was for', 'T1070.001', 1, 'T1070.001'],
  ['many commands are drawn with what the title says', 'T1552.002', 120, 'T1505.003'],
  ['an aim that says no more', 'T1059.003', 1, 'T1505.003'],
])('%s', (_name, aim, seconds, technique) => {
  expect(drawn(aim, seconds)).toBe(technique)
})
