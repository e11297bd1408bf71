import { describe, expect, test } from 'vitest'
import { draft, ItemBuilder } from '../../../test/case-events.ts'
import { type StoredItem, storeItems } from '../../../test/contract/event-store.ts'
import type { Correlation, FindingDraft, Mark, Severity } from '../../model/index.ts'
import { correlate } from '../index.ts'

const HOST = 'web01.example'
const CLIENT = '203.0.113.9'
const FILE = 'c:\\inetpub\\wwwroot\\up\\a.aspx'
const PAGE = '/up/a.aspx'
const SYSMON = { host: HOST, product: 'sysmon' }

async function correlated(
  items: readonly StoredItem[],
  drafts: readonly FindingDraft[],
  marks: readonly Mark[] = [],
): Promise<Correlation> {
  const store = await storeItems(items)
  try {
    return await correlate({ drafts, queries: store, assets: undefined, marks })
  } finally {
    store.close()
  }
}

interface Asked {
  readonly at: string
  readonly page?: string
  readonly from?: string
  readonly status?: number
  readonly method?: string
}

/** Requests of an access log, with the finding about the page where it has one. */
function requests(
  asked: readonly Asked[],
  level?: Severity,
): { readonly item: StoredItem; readonly drafts: readonly FindingDraft[] } {
  const log = new ItemBuilder('web01/access.log')
  const refs = asked.map(({ at, page = PAGE, from = CLIENT, status = 200, method = 'POST' }, index) =>
    log.add(
      at,
      {
        kind: 'http_activity',
        clientIp: from,
        method,
        path: page,
        query: '',
        status,
        bytes: 100 * (index + 1),
        userAgent: 'Mozilla/5.0',
      },
      { host: HOST, product: 'iis', series: 'iis|web01|u_ex' },
    ),
  )
  const drafts =
    level === undefined
      ? []
      : [
          draft('web-shell/lone-page', `${PAGE} is used like a web shell by ${CLIENT}`, {
            severity: level,
            techniques: ['T1505.003', 'T1059'],
            object: PAGE,
            addresses: [CLIENT],
            hosts: [HOST],
            evidence: refs,
            ...(asked[0] ? { time: asked[0].at } : {}),
          }),
        ]
  return { item: log.item(), drafts }
}

/** Files and processes as Sysmon saw them. */
class Machine {
  readonly #log = new ItemBuilder('web01/sysmon.evtx')

  wrote(at: string, severity: Severity = 'high', path = FILE): this {
    this.#log.add(at, { kind: 'file_activity', action: 'create', path, image: 'C:\\w\\w3wp.exe' }, { ...SYSMON, code: '11' })
    this.#log.hit('web-shell/script-written', `w3wp.exe wrote ${path}`, path, { severity, techniques: ['T1505.003'] })
    return this
  }

  deleted(at: string): this {
    this.#log.add(at, { kind: 'file_activity', action: 'delete', path: FILE, image: 'C:\\w\\cmd.exe' }, { ...SYSMON, code: '23' })
    return this
  }

  started(at: string, command: string, severity: Severity = 'critical'): this {
    this.#log.add(
      at,
      {
        kind: 'process_activity',
        action: 'start',
        image: 'C:\\Windows\\System32\\cmd.exe',
        commandLine: command,
        parentImage: 'C:\\w\\w3wp.exe',
        user: 'IIS APPPOOL\\shop',
      },
      { ...SYSMON, code: '1' },
    )
    this.#log.hit('web-shell/worker-starts-shell', `w3wp.exe started ${command}`, 'w3wp.exe', {
      severity,
      techniques: ['T1505.003', 'T1059.003'],
    })
    return this
  }

  item(): StoredItem {
    return this.#log.item()
  }
}

/** A file of the victim's web root, judged by its content. */
function copy(path = 'web01/wwwroot.zip!/up/a.aspx', severity: Severity | undefined = 'critical'): StoredItem {
  const files = new ItemBuilder(path)
  files.add(
    '2024-03-01T00:00:00Z',
    { kind: 'file_activity', action: 'found', path, hashes: 'SHA256=00ff', size: 700 },
    { host: HOST, product: 'file' },
  )
  if (severity) files.hit('web-shell/content', 'a.aspx: page that runs commands', path, { severity, techniques: ['T1505.003'] })
  const item = files.item()
  // A file of a web root has no time of its own.
  const timeless = <Event extends object>(event: Event) => ({ ...event, time: undefined })
  return {
    ...item,
    events: item.events.map(timeless),
    hits: (item.hits ?? []).map(hit => ({ ...hit, event: timeless(hit.event) })),
  }
}

const USE: readonly Asked[] = [
  { at: '2024-03-02T10:11:00Z', method: 'GET' },
  { at: '2024-03-02T10:12:00Z' },
  { at: '2024-03-02T10:13:00Z' },
]
const shellFindings = ({ findings }: Correlation) =>
  findings.map(finding => `${finding.severity} ${finding.confidence} ${finding.title.replace(/ (?:from|at) 2024.*/, '')}`)
const joined = (correlation: Correlation) =>
  correlation.findings.filter(({ witnesses }) => witnesses.some(({ rule }) => rule === 'web-shell/joined'))

describe('one web shell is one finding', () => {
  test('three sides, dropped, used, commands, and the steps stay', async () => {
    const log = requests(USE, 'high')
    const machine = new Machine()
      .wrote('2024-03-02T10:10:00Z')
      .started('2024-03-02T10:12:00.4Z', 'cmd /c whoami')
      .started('2024-03-02T10:13:01Z', 'cmd /c ipconfig')
    const told = await correlated([log.item, machine.item(), copy()], log.drafts)
    expect(shellFindings(told)).toEqual([`critical high Web shell ${PAGE} on ${HOST}, used by ${CLIENT}`])
    const [finding] = told.findings
    expect(finding?.why).toContain('Three sides agree (the file, the requests, the processes)')
    expect(finding?.why).toContain('inferred from the common end of both paths (published folder c:\\inetpub\\wwwroot)')
    expect(finding?.why).toContain('2 of 2 records of processes lie within 10 s of a request to the page')
    expect(finding?.why).toContain('1 GET and 2 POST requests by 203.0.113.9 from 2024-03-02 10:11:00 to 10:13:00 UTC')
    expect(finding?.why).toContain('still there when the evidence was copied (SHA256=00ff)')
    expect(finding?.witnesses.map(({ rule }) => rule)).toEqual([
      'web-shell/content',
      'web-shell/joined',
      'web-shell/worker-starts-shell',
      'web-shell/lone-page',
      'web-shell/script-written',
    ])
    expect(finding?.accounts).toEqual(['IIS APPPOOL\\shop'])
    expect(finding?.evidenceTotal).toBe(7)
    const [incident] = told.incidents
    expect(incident?.findings).toEqual([finding?.id])
    expect(incident?.steps.map(({ title, findings }) => [title, findings])).toEqual([
      [`w3wp.exe wrote ${FILE}`, [finding?.id]],
      [`${PAGE} is used like a web shell by ${CLIENT}`, [finding?.id]],
      ['a.aspx: page that runs commands', [finding?.id]],
      ['w3wp.exe started cmd /c whoami', [finding?.id]],
    ])
  })

  test('a page no detector spoke of, but that was answered each time the server started something', async () => {
    const log = requests(USE)
    const machine = new Machine().started('2024-03-02T10:12:00.4Z', 'cmd /c whoami', 'high')
    const told = await correlated([log.item, machine.item()], log.drafts)
    expect(shellFindings(told)).toEqual([`high high Possible web shell ${PAGE} on ${HOST}, used by ${CLIENT}`])
    expect(told.findings[0]?.why).toContain('Not seen: the file that answers /up/a.aspx')
  })

  test('an alias that only the configuration of the server knows', async () => {
    const config = new ItemBuilder('web01/applicationHost.config')
    config.add(
      '2024-03-01T00:00:00Z',
      { kind: 'device_config', action: 'set', object: 'published-folder', attribute: '/up', command: 'D:\\drop' },
      { host: HOST, product: 'web-server' },
    )
    const log = requests(USE, 'high')
    const machine = new Machine().wrote('2024-03-02T10:10:00Z', 'high', 'd:\\drop\\a.aspx')
    expect(joined(await correlated([log.item, machine.item()], log.drafts))).toHaveLength(0)
    const [finding] = joined(await correlated([log.item, machine.item(), config.item()], log.drafts))
    expect(finding?.why).toContain("as the server's configuration says (published folder D:\\drop)")
  })

  test('deleted afterwards', async () => {
    const log = requests(USE, 'medium')
    const machine = new Machine().wrote('2024-03-02T10:10:00Z', 'medium').deleted('2024-03-02T11:00:00Z')
    const told = await correlated([log.item, machine.item()], log.drafts)
    expect(joined(told).map(({ title }) => title.slice(0, 18))).toEqual(['Possible web shell'])
    expect(joined(told)[0]?.why).toContain('deleted by cmd.exe at 2024-03-02 11:00:00 UTC')
  })

  test('a mark on it is the word for all it is made of', async () => {
    const log = requests(USE, 'high')
    const machine = new Machine().wrote('2024-03-02T10:10:00Z')
    const [finding] = joined(await correlated([log.item, machine.item()], log.drafts))
    const mark: Mark = { kind: 'finding', target: finding?.id ?? '', reason: 'our own test', until: undefined }
    const told = await correlated([log.item, machine.item()], log.drafts, [mark])
    expect(told.findings.map(({ severity, benignExplanation }) => [severity, benignExplanation])).toEqual([
      ['informational', 'Marked as ours: our own test'],
      ['informational', 'Marked as ours: our own test'],
    ])
    expect(told.incidents).toEqual([])
  })
})

describe('what stays apart', () => {
  test('one side alone says what the others would have to show', async () => {
    const machine = new Machine().started('2024-03-02T10:12:00.4Z', 'cmd /c whoami')
    const told = await correlated([machine.item()], [])
    expect(joined(told)).toEqual([])
    expect(told.findings[0]?.why).toContain('One side only, the processes.')
    expect(told.findings[0]?.why).toContain('requests to one page in the access log of the web server at 2024-03-02 10:12:00 UTC')
  })

  test('a new page of the application that everybody uses', async () => {
    const many = ['1', '2', '3', '4', '5'].map(last => ({ at: `2024-03-02T10:1${last}:00Z`, from: `198.51.100.${last}` }))
    const log = requests(many)
    const told = await correlated([log.item, new Machine().wrote('2024-03-02T10:10:00Z', 'medium').item()], [])
    expect(joined(told)).toEqual([])
  })

  test('a converter that the web server starts for every visitor', async () => {
    const many = ['1', '2', '3', '4', '5'].map(last => ({
      at: `2024-03-02T10:1${last}:00Z`,
      from: `198.51.100.${last}`,
      page: '/upload.php',
    }))
    const machine = new Machine().started('2024-03-02T10:12:00.4Z', 'sh -c "convert a b"', 'low')
    const told = await correlated([requests(many).item, machine.item()], [])
    expect(told.findings.map(({ severity, why }) => [severity, why])).toEqual([['low', 'it matters']])
  })

  test.each<[string, string]>([
    ['the same name in another folder', 'c:\\inetpub\\wwwroot\\admin\\a.aspx'],
    ['another page', 'c:\\inetpub\\wwwroot\\up\\b.aspx'],
  ])('%s', async (_name, path) => {
    const log = requests(USE, 'high')
    const told = await correlated([log.item, new Machine().wrote('2024-03-02T10:10:00Z', 'high', path).item()], log.drafts)
    expect(joined(told)).toEqual([])
    expect(told.findings).toHaveLength(2)
  })

  test('requests that were refused are attempts', async () => {
    const log = requests(USE.map(asked => ({ ...asked, status: 404 })))
    const told = await correlated([log.item, copy()], [])
    expect(joined(told)).toEqual([])
    expect(told.findings[0]?.why).toContain('asked for 3 times and never answered with success: attempts only')
  })

  test('a command with an aim of its own stays a finding and says what it came through', async () => {
    const log = requests(USE, 'high')
    const machine = new ItemBuilder('web01/sysmon.evtx')
    machine.add(
      '2024-03-02T10:12:00.4Z',
      {
        kind: 'process_activity',
        action: 'start',
        image: 'C:\\w\\cmd.exe',
        commandLine: 'cmd /c wevtutil cl Security',
        user: 'x',
      },
      { ...SYSMON, code: '1' },
    )
    const parts = { severity: 'high' as const, techniques: ['T1505.003', 'T1059.003'] }
    machine.hit('web-shell/worker-starts-shell', 'w3wp.exe started cmd', 'w3wp.exe', parts)
    machine.hit('log-gaps/log-cleared', 'The log was cleared', 'security', { ...parts, techniques: ['T1505.003', 'T1070.001'] })
    const told = await correlated([log.item, machine.item()], log.drafts)
    expect(joined(told)).toHaveLength(1)
    expect(told.findings.find(({ techniques }) => techniques.includes('T1070.001'))?.why).toContain(
      `It came through the web shell ${PAGE}.`,
    )
  })
})
