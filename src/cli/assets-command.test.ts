import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROGRAM } from '../../test/program.ts'
import { ASSET_TEMPLATE } from '../readers/assets/template.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'barograph-assets-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function run(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { cwd: directory, encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('init writes the template once, and check finds nothing missing in it', () => {
  expect(run('assets', 'init', 'a.yaml').status).toBe(0)
  expect(readFileSync(join(directory, 'a.yaml'), 'utf8')).toBe(ASSET_TEMPLATE)
  writeFileSync(join(directory, 'a.yaml'), `${ASSET_TEMPLATE}# mine\n`)
  const again = run('assets', 'init', 'a.yaml')
  expect([again.status, again.stderr.split('  ')[0]]).toEqual([2, 'assets/exists'])
  expect(run('assets', 'check', 'a.yaml')).toEqual({
    status: 0,
    stdout: '1 sites, 5 zones, 5 assets, 2 conduits, 1 services used; 0 wrong, 0 missing\n',
    stderr: '',
  })
  expect(run('assets', 'init', '-').stdout).toBe(ASSET_TEMPLATE)
  expect(existsSync(join(directory, '-'))).toBe(false)
})

test('check says what is wrong with its line, and ends with 1', () => {
  writeFileSync(
    join(directory, 'b.yaml'),
    'assets:\n  - id: fw\n    role: firewall\n    addresses: [gateway]\n  - id: pc\n    zone: nowhere\n',
  )
  const { status, stdout } = run('assets', 'check', 'b.yaml')
  expect(status).toBe(1)
  expect(stdout.split('\n').filter(line => line.includes('  wrong  '))).toEqual([
    'b.yaml:4  wrong  assets: "addresses" must be IP addresses; names belong into "names"; the entry is left out',
    'b.yaml:6  wrong  assets: "zone" names "nowhere", which is not in the list',
  ])
  expect(JSON.parse(run('assets', 'check', 'b.yaml', '--format', 'json').stdout).used.assets).toBe(1)
})

test('a file that is not there', () => {
  const { status, stderr } = run('assets', 'check', 'nothing.yaml')
  expect([status, stderr.split('  ')[0]]).toEqual([3, 'assets/no-file'])
})
