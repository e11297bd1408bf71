/** One request of the recording: when (minutes of the log), by whom, and what curl is told beside the address. */
export interface Request {
  readonly at: number
  readonly from: string
  readonly page: string
  readonly options: readonly string[]
}

const SITE = 'https://water.example'
const BROWSERS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_3) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0',
]
const browser = (index: number) => BROWSERS[index % BROWSERS.length] ?? ''
const form = (values: string) => ['--data', values]
const json = (value: unknown) => ['--header', 'Content-Type: application/json', '--data', JSON.stringify(value)]
const by = (agent: string, referrer = '') => ['--user-agent', agent, ...(referrer === '' ? [] : ['--referer', referrer])]

const HOURS = 16
const MINUTES = HOURS * 60

/** People who come, look around, and fill in a form now and then. */
function visitors(count: number): readonly Request[] {
  return Array.from({ length: count }, (_, index) => {
    const begin = (index * MINUTES) / count
    const from = `198.51.100.${(index * 7) % 200}`
    const agent = browser(index)
    const ask = (after: number, page: string, referrer: string, options: readonly string[] = []): Request => ({
      at: begin + after,
      from,
      page,
      options: [...by(agent, referrer), ...options],
    })
    const look = [ask(0, '/', ''), ask(0.1, '/style.css', `${SITE}/`), ask(1, `/news.php?id=${1 + (index % 12)}`, `${SITE}/`)]
    if (index % 6 === 1)
      return [
        ...look,
        ask(2, '/contact.php', `${SITE}/`),
        ask(4, '/contact.php', `${SITE}/contact.php`, form(`name=Visitor${index}&text=hello`)),
      ]
    if (index % 6 === 3)
      return [
        ...look,
        ask(2, '/login.php', `${SITE}/`),
        ask(3, '/login.php', `${SITE}/login.php`, form(`user=customer${index}&password=x`)),
        ask(3.1, '/account.php', `${SITE}/login.php`),
      ]
    return index % 6 === 5 ? [...look, ask(2, '/about.html', `${SITE}/`)] : look
  }).flat()
}

/** One person alone on a page that nobody else uses, all day. */
function administrator(): readonly Request[] {
  const ask = (at: number, page: string, referrer: string, options: readonly string[] = []): Request => ({
    at,
    from: '192.0.2.10',
    page,
    options: [...by(browser(0), referrer), ...options],
  })
  return [5, 125, 245, 485].flatMap(at => [
    ask(at, '/login.php', `${SITE}/`),
    ask(at + 1, '/login.php', `${SITE}/login.php`, form('user=admin&password=x')),
    ask(at + 1.2, '/admin.php', `${SITE}/login.php`),
    ...[5, 40, 300].map((rows, index) => ask(at + 2 + index, '/admin.php', `${SITE}/admin.php`, form(`rows=${rows}`))),
  ])
}

/** Programs: a health check, a web hook, the telephones of customers, a crawler. */
function machines(share: number): readonly Request[] {
  const every = (minutes: number, make: (index: number) => Omit<Request, 'at'>): readonly Request[] =>
    Array.from({ length: Math.floor((MINUTES * share) / minutes) }, (_, index) => ({
      at: (index * minutes) / share,
      ...make(index),
    }))
  return [
    ...every(20, () => ({
      from: '192.0.2.20',
      page: '/api/status.php',
      options: by('check_http/v2.3.1 (monitoring-plugins 2.3.1)'),
    })),
    ...every(45, index => ({
      from: '192.0.2.30',
      page: '/hook.php',
      options: [...by('Billing-Hook/1.4'), ...json({ event: index })],
    })),
    ...every(12, index => ({
      from: `203.0.113.${100 + (index % 40)}`,
      page: '/api/report.php',
      options: [...by('WaterApp/3.1 (Android 14)'), ...json({ meter: index * 13 })],
    })),
    ...every(40, index => ({
      from: '192.0.2.40',
      page: index % 8 === 0 ? '/robots.txt' : `/news.php?id=${index}`,
      options: by('Mozilla/5.0 (compatible; examplebot/2.1; +https://bot.example)'),
    })),
  ]
}

/** Somebody sends documents through the form that takes files. */
function editor(documentFile: string): readonly Request[] {
  const ask = (at: number, page: string, options: readonly string[] = []): Request => ({
    at,
    from: '198.51.100.230',
    page,
    options: [...by(browser(1), `${SITE}/account.php`), ...options],
  })
  return [90, 410].flatMap(at => [
    ask(at, '/upload.php'),
    ask(at + 2, '/upload.php', ['--form', `document=@${documentFile};filename=meter-${at}.txt`]),
    ask(at + 3, `/files/meter-${at}.txt`),
  ])
}

/** The site's own vulnerability scanner: sixty paths in two minutes. */
function scanner(): readonly Request[] {
  return Array.from({ length: 60 }, (_, index) => ({
    at: 600 + index / 30,
    from: '192.0.2.50',
    page: `/${['old', 'backup', 'test', 'cgi-bin', 'wp-content'][index % 5]}/${index}.php`,
    options: by('Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)'),
  }))
}

/** Ordinary use of the site over a working day. */
export function ordinary(documentFile: string): readonly Request[] {
  return [...visitors(80), ...administrator(), ...machines(1), ...editor(documentFile), ...scanner()]
}

/** Fewer of the same, and one client who uploads a page through the form, looks whether it answers, and posts to it. */
export function worked(documentFile: string, pageFile: string): readonly Request[] {
  const ask = (at: number, page: string, options: readonly string[] = []): Request => ({
    at,
    from: '203.0.113.9',
    page,
    options: [...by('Mozilla/5.0 (Windows NT 6.1; WOW64; rv:68.0) Gecko/20100101 Firefox/68.0'), ...options],
  })
  const page = '/files/status.php'
  return [
    ...visitors(40),
    ...administrator(),
    ...machines(0.4),
    ...editor(documentFile),
    ask(700, '/upload.php', ['--form', `document=@${pageFile};filename=status.php`]),
    ask(701, page),
    ...Array.from({ length: 9 }, (_, index) => ask(703 + index * 4, page, form(`p=${'QUFB'.repeat(4 + index * 9)}`))),
    // What was put there is looked at and missed again.
    ask(760, '/files/status.bak'),
  ]
}
