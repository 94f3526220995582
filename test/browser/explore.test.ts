import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { tableFromIPC } from 'apache-arrow'
import { describe, expect, test } from 'vitest'
import { browser, CHROMIUM, eventually } from '../support/browser.ts'
import { tokentapeProcess } from '../support/child.ts'
import { tokentape } from '../support/cli.ts'
import { writeTape } from '../support/tape.ts'

const PLANTED = '<img src=x onerror="window.planted = 1">\u001b[2J'
const tape = await writeTape(
  Array.from({ length: 100 }, (_, i) => {
    const sent = 100 * i
    if (i === 30) return { sent, status: 500, reads: [[sent + 5, PLANTED]] as [number, string][] }
    const slow = i >= 50 ? 100 : 0
    return {
      sent,
      headers: sent + 5,
      tokens: [sent + 20 + slow, sent + 40 + slow, sent + 60 + slow],
    }
  }),
  {
    manifest: {
      endpoint: { type: 'chat', streaming: true, urls: ['http://localhost'], model: PLANTED },
    },
  },
)
const explorer = tokentapeProcess('explore', tape)
await explorer.says('Ctrl-C ends it')
const url = new URL(/http:\S+/.exec(explorer.text())![0])

type Answer = { status: number; headers: Record<string, unknown>; body: Buffer }

const call = (
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: url.port, path, method, headers: { host: url.host, ...headers } },
      response => {
        const pieces: Buffer[] = []
        response.on('data', piece => pieces.push(piece))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: Buffer.concat(pieces),
          }),
        )
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })

const ask = (question: object, headers: Record<string, string> = {}): Promise<Answer> =>
  call(`${url.pathname}query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(question),
  })

test('answers a query in Arrow', async () => {
  const { status, headers, body } = await ask({ sql: 'select count(*) as n from requests' })
  expect([status, headers['content-type']]).toEqual([200, 'application/vnd.apache.arrow.stream'])
  expect(Number(tableFromIPC(body).getChild('n')!.get(0))).toBe(100)
})

test('a window holds for every relation', async () => {
  const sql = 'select count(*) as n, min(sent_ms) as first_ms from timed_requests'
  const { body } = await ask({ sql, window: { from: 5, to: 6 } })
  const table = tableFromIPC(body)
  // Zero stays the first send of the whole run.
  expect([Number(table.getChild('n')!.get(0)), table.getChild('first_ms')!.get(0)]).toEqual([
    10, 5000,
  ])
  const after = tableFromIPC((await ask({ sql })).body)
  expect(Number(after.getChild('n')!.get(0))).toBe(100)
})

test.each([
  ['the token left out', '/', {}, 403],
  ['another token', `/${'a'.repeat(url.pathname.length - 2)}/`, {}, 403],
  [
    'a name made to resolve to this machine',
    url.pathname,
    { host: `evil.example:${url.port}` },
    403,
  ],
  ['another port', url.pathname, { host: '127.0.0.1:1' }, 403],
  ['a page of another origin', url.pathname, { origin: 'http://evil.example' }, 403],
  ['a page without origin', url.pathname, { origin: 'null' }, 403],
  [
    'a request that a browser says is foreign',
    url.pathname,
    { 'sec-fetch-site': 'cross-site' },
    403,
  ],
  ['another path', `${url.pathname}../../etc/passwd`, {}, 404],
  ['a query by GET', `${url.pathname}query`, {}, 405],
])('refuses %s', async (_what, path, headers, status) => {
  const { status: got, body } = await call(path, { headers })
  expect(got).toBe(status)
  expect(body.toString()).not.toContain('<html')
})

test.each([
  ['what a form could send', 'text/plain', '{"sql": "from requests"}', 415],
  ['what is no JSON', 'application/json', 'from requests', 400],
  ['a question without a query', 'application/json', '{}', 400],
  ['an SLO without words', 'application/json', '{"slo": {"targetPerSec": 1}}', 400],
  ['no share', 'application/json', '{"limits": {"shares": [2], "columns": ["ttft_ms"]}}', 400],
  [
    'a column that is a query',
    'application/json',
    '{"limits": {"shares": [0.5], "columns": ["(select 1)"]}}',
    400,
  ],
])('refuses %s', async (_what, type, body, status) => {
  const answer = await call(`${url.pathname}query`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  })
  expect(answer.status).toBe(status)
})

test.each([
  `copy (from requests) to '/tmp/stolen.csv'`,
  'create table a as from requests',
  `from read_csv('/etc/passwd')`,
  "set memory_limit = '1GB'",
  'select 1; select 2',
  `from read_parquet('https://example.com/a.parquet')`,
  'select nothing from requests',
])('refuses the query %s with words', async sql => {
  const { status, body } = await ask({ sql })
  expect(status).toBe(400)
  const { message, hint } = JSON.parse(body.toString())
  expect(message).toMatch(/^sql: /)
  expect(hint).not.toBe('')
})

test.each([
  { text: 'ttft_ms <= 1; drop table requests', targetPerSec: 1, attain: 0.9 },
  { text: '(select count(*) from requests) > 0', targetPerSec: 1, attain: 0.9 },
  { text: 'ttft_ms <= 1', targetPerSec: null, attain: 0.9 },
  { text: 'ttft_ms <= 1', targetPerSec: 1, attain: 2 },
])('refuses the SLO %j', async slo => {
  const { status, body } = await ask({ slo })
  expect(status).toBe(400)
  expect(JSON.parse(body.toString()).hint).not.toBe('')
})

test('answers an SLO and the tightest limits as goodput does', async () => {
  const slo = { text: 'ttft_ms <= 20 and latency_ms <= 60', targetPerSec: 100, attain: 0.4 }
  const [row] = tableFromIPC((await ask({ slo })).body).toArray()
  // 49 of the first half; the other half waits 100 ms longer.
  expect([Number(row.n_good), row.share_of_sent, row.met_0, row.met_1]).toEqual([
    49, 0.49, 0.49, 0.49,
  ])
  expect([row.attained, Number(row.servers_by_goodput)]).toEqual([1, 11])
  const limits = { shares: [0.49, 0.95, 1], columns: ['ttft_ms', 'latency_ms'] }
  const rows = tableFromIPC((await ask({ limits })).body).toArray()
  expect(rows.map(({ share, ttft_ms, latency_ms }) => [share, ttft_ms, latency_ms])).toEqual([
    ['49 %', 20, 60],
    ['95 %', 120, 160],
    ['100 %', null, null],
  ])
})

test('a question that nobody waits for any more is stopped', async () => {
  const endless = 'select sum(a.range * b.range) from range(100000000) a, range(100000000) b'
  await new Promise<void>(resolve => {
    const asked = request({
      host: '127.0.0.1',
      port: url.port,
      path: `${url.pathname}query`,
      method: 'POST',
      headers: { host: url.host, 'content-type': 'application/json' },
    })
    asked.on('error', () => resolve())
    asked.on('close', () => resolve())
    asked.end(JSON.stringify({ sql: endless }), () => asked.destroy())
  })
  // Otherwise it would wait for its turn for a minute.
  expect((await ask({ sql: 'select 1' })).status).toBe(200)
})

test('refuses a result that no page can show', async () => {
  const { status, body } = await ask({
    sql: "select repeat('x', 1000) as text from range(1000000)",
  })
  expect(status).toBe(400)
  expect(JSON.parse(body.toString()).message).toContain('larger than 256 MB')
  expect((await ask({ sql: 'select 1' })).status).toBe(200)
})

test('refuses a window that is none', async () => {
  for (const window of [
    { from: 3, to: 2 },
    { from: -1, to: 2 },
    { from: 90, to: 99 },
    { from: '0', to: null },
  ])
    expect((await ask({ sql: 'from requests', window })).status).toBe(400)
})

test('listens on loopback alone', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find(net => net && !net.internal && net.family === 'IPv4')
  if (!outside) return
  await expect(
    new Promise((resolve, reject) => {
      request({ host: outside.address, port: url.port, path: '/' }, resolve)
        .on('error', reject)
        .end()
    }),
  ).rejects.toThrow('ECONNREFUSED')
})

test('the page says by header what it may load, and that nobody may frame it', async () => {
  const { headers } = await call(url.pathname)
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'sha256-\S+; .*connect-src 'self'; .*frame-ancestors 'none'$/,
  )
  expect(headers['content-security-policy']).not.toContain('unsafe')
})

test('a port that is taken is named', async () => {
  const second = tokentapeProcess('explore', tape, '--port', url.port)
  expect(await second.exited).toBe(2)
  expect(second.text()).toContain(`--port: ${url.port}`)
})

describe.skipIf(CHROMIUM === undefined)('in Chromium', async () => {
  if (CHROMIUM === undefined) return
  const context = await browser()

  async function open(hash = '') {
    const page = await context.newPage()
    const wrong: string[] = []
    page.on('pageerror', error => wrong.push(String(error)))
    page.on('console', message => {
      // Chromium's own editing tries to style what is typed, and the policy stops it: nothing is lost.
      if (message.type() === 'error' && !message.text().startsWith('Applying inline style'))
        wrong.push(message.text())
    })
    await page.goto(url.href + hash)
    await page.waitForSelector('html[data-ready]')
    return { page, wrong }
  }

  test('a brush over time computes everything anew for its window, and the link carries it', async () => {
    const { page, wrong } = await open()
    const first = page.locator('#numbers tbody tr').first()
    const [P50, N] = [2, 8]
    await eventually(() => first.locator('td').nth(N).textContent()).toBe('99')
    const chart = page.locator('[data-figure="over-time"]')
    await chart.scrollIntoViewIfNeeded()
    await chart.locator('canvas').waitFor()
    await eventually(() => page.locator('[aria-busy]').count()).toBe(0)
    await chart.scrollIntoViewIfNeeded()
    const box = (await chart.boundingBox())!
    await page.mouse.click(box.x + box.width - 83, box.y + 20)
    await page.mouse.move(box.x + 74 + (box.width - 98) * 0.6, box.y + 100)
    await page.mouse.down()
    await page.mouse.move(box.x + 74 + (box.width - 98) * 0.9, box.y + 120, { steps: 4 })
    await page.mouse.up()
    await eventually(() => page.url()).toMatch(/from=[56]\.?\d*&to=[89]/)
    await page.evaluate(() => scrollTo(0, 0))
    await eventually(async () =>
      Number(await first.locator('td').nth(N).textContent()),
    ).toBeLessThan(50)
    // Of the slow half alone: its median is that of a slow request.
    expect(await first.locator('td').nth(P50).textContent()).toBe('120')
    await eventually(() => page.locator('#status').textContent()).toMatch(/^window: .* computed/)
    const { page: again } = await open(new URL(page.url()).hash)
    expect(await again.locator('#numbers').textContent()).toBe(
      await page.locator('#numbers').textContent(),
    )
    await again.locator('#whole').click()
    await eventually(() => again.locator('#numbers tbody td').nth(N).textContent()).toBe('99')
    await eventually(() => again.locator('#status').textContent()).toMatch(/^the whole run: comp/)
    expect(wrong).toEqual([])
    await again.close()
    await page.close()
  })

  test('sliders say what goodput says, of the window too, and the link carries them', async () => {
    const { page, wrong } = await open('#from=4&to=9')
    await page.locator('#goodput').scrollIntoViewIfNeeded()
    await eventually(() => page.locator('#goodput tbody tr').count()).toBe(1)
    for (const ttft of ['119.99', '120', '19']) {
      await page.locator('[data-limit="ttft_ms"]').fill(ttft)
      await page.locator('[data-on="latency_ms"]').setChecked(ttft !== '120')
      await page.locator('#target').fill('100')
      const itl = await page.locator('[data-limit="itl_ms"]').inputValue()
      const latency = await page.locator('[data-limit="latency_ms"]').inputValue()
      const slo = `ttft_ms <= ${ttft}${ttft === '120' ? '' : ` and latency_ms <= ${latency}`} and itl_ms <= ${itl}`
      const words = ['goodput', tape, '--from', '4s', '--to', '9s', '--slo', slo]
      const servers = ['--target-rate', '100', '--attain', '0.95']
      expect(await page.locator('#command').textContent()).toBe(
        `tokentape ${words.slice(0, -1).join(' ')} "${slo}" ${servers.join(' ')}`,
      )
      const { out } = await tokentape(...words, ...servers, '--format', 'json')
      const said = JSON.parse(out)
      const [tier] = said.tiers
      const [capacity] = said.capacity.runs
      const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
      const [byTtft] = said.attainment
      await eventually(() => page.locator('#goodput tbody tr > *').allInnerTexts()).toEqual([
        expect.any(String),
        String(tier.n_good),
        percent(tier.share_of_sent),
        percent(tier.share_of_completed),
        Number.isInteger(tier.goodput) ? String(tier.goodput) : tier.goodput.toFixed(2),
        percent(byTtft.share_of_sent),
        ttft === '120' ? 'off' : expect.stringContaining('%'),
        expect.stringContaining('%'),
        capacity.attained ? 'yes' : 'no',
        capacity.attained
          ? String(capacity.servers_by_goodput)
          : `at least ${capacity.servers_at_least}: record a lighter load`,
        String(capacity.servers_by_throughput),
      ])
    }
    const row = await page.locator('#goodput tbody').textContent()
    const { page: again } = await open(new URL(page.url()).hash)
    await again.locator('#goodput').scrollIntoViewIfNeeded()
    await eventually(() => again.locator('#goodput tbody').textContent()).toBe(row)
    expect(wrong).toEqual([])
    await again.close()
    await page.close()
  })

  test('has every view of the report, says the verdict, and fits a phone', async () => {
    const { page, wrong } = await open()
    await page.setViewportSize({ width: 390, height: 800 })
    const ids = ['verdicts', 'numbers', 'gap-numbers', 'goodput', 'limits', 'slices', 'failures']
    for (const id of ids) {
      await page.locator(`#${id}`).scrollIntoViewIfNeeded()
      await eventually(() => page.locator(`#${id}`).textContent()).not.toBe('')
    }
    expect(await page.locator('#verdicts').textContent()).toMatch(/This run is (valid|not valid)/)
    expect(await page.locator('#failures').textContent()).toContain('<img src=x onerror')
    for (const chart of await page.locator('[data-figure]').all()) {
      await chart.scrollIntoViewIfNeeded()
      await chart.locator('canvas').first().waitFor()
    }
    expect(await page.evaluate(() => (window as { planted?: number }).planted)).toBeUndefined()
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ).toBeLessThanOrEqual(0)
    expect(wrong).toEqual([])
    await page.close()
  })

  test('the console completes, answers, plots, and shows what a server planted as words', async () => {
    const { page, wrong } = await open('#group=distribution')
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('from timed_req')
    await eventually(() => page.locator('.cm-tooltip-autocomplete').textContent()).toContain(
      'timed_requests',
    )
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText(
      "select request_id, end_ms, detail from request_metrics where outcome <> 'ok'",
    )
    await page.keyboard.press('Control+Enter')
    await eventually(() => page.locator('#result tbody tr').count()).toBe(1)
    expect(await page.locator('#result').textContent()).toContain('<img src=x onerror')
    expect(await page.locator('#result').innerHTML()).not.toContain('\u001b')
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(await page.evaluate(() => (window as { planted?: number }).planted)).toBeUndefined()
    await page.locator('#plot').check()
    await page.locator('#run').click()
    await page.locator('#result-plot canvas').first().waitFor()
    expect(wrong).toEqual([])
    await page.keyboard.press('Tab')
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+a')
    await page.keyboard.insertText('drop table requests')
    await page.keyboard.press('Control+Enter')
    await eventually(() => page.locator('#error').textContent()).toContain(
      'only queries that read are run',
    )
    await page.close()
  })
})
