import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { huntOptions } from '../../../test/hunt-options.ts'
import { hunt } from '../hunt.ts'

const folder = mkdtempSync(join(tmpdir(), 'hunt-yara-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const RULES = `rule marker { meta: description = "sign of somebody" score = 90 strings: $a = "a marker" condition: $a and extension == ".php" }
rule broken { condition: nothing_known }`

test('a YARA rule is a witness in a hunt, and alone lifts the verdict no higher than suspicious', async () => {
  mkdirSync(join(folder, 'site'))
  writeFileSync(join(folder, 'site', 'page.php'), '<?php\necho "a marker";\n')
  writeFileSync(join(folder, 'rules.yar'), RULES)
  const options = huntOptions([join(folder, 'site')], join(folder, 'case'), { yara: [join(folder, 'rules.yar')] })
  const { report } = await hunt(options)
  expect(report?.findings.map(({ title, severity, witnesses }) => ({ title, severity, witnesses }))).toEqual([
    {
      title: 'page.php: YARA rule marker',
      severity: 'high',
      witnesses: [{ source: 'yara', rule: 'marker', title: 'sign of somebody', level: 'high' }],
    },
  ])
  expect(report?.verdict.level).toBe('suspicious')
  expect(report?.verdict.sentence).toContain('Only YARA rules say so')
  const refused = report?.generatedFrom.diagnostics.filter(({ code }) => code === 'yara/refused')
  expect(refused?.map(({ message }) => message)).toEqual([
    'rule broken is not used: unknown identifier `nothing_known`: this identifier has not been declared (line 2)',
  ])
  const other = await hunt({ ...options, yara: [] })
  expect(other.report?.findings).toEqual([])
})
