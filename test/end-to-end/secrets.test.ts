import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { wordsOf } from '../support/tape-words.ts'

const path = scratch()
const KEY = 'sk-planted/0123+4567'
const PASSWORD = 'pl4nted pa"ss\\wörd'
const LOAD = ['record', '--model', 'm', '--streaming', '--isl', '5', '--concurrency', '2']

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.closeAllConnections()
  for (const server of servers) server.close()
})

type Answer = (request: IncomingMessage, response: ServerResponse, index: number) => void

/** A server that answers each request in its turn. */
async function serve(answer: Answer): Promise<string> {
  let requests = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response, requests++))
  })
  servers.push(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const message = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
const DONE = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
const begin = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' })

test('a key that comes in two reads of an answer, others between them, is found and marked', async () => {
  const held: { response: ServerResponse; rest: string }[] = []
  const url = await serve((_, response, index) => {
    // The first answer stops within the key; two others come and go before it goes on.
    if (index === 0) {
      const whole = message(`your key is ${KEY}, right?`)
      const cut = whole.indexOf(KEY) + 9
      begin(response).write(whole.slice(0, cut))
      held.push({ response, rest: whole.slice(cut) })
      return
    }
    begin(response).end(message('hello') + DONE)
    if (index === 3) for (const { response, rest } of held) response.end(rest + DONE)
  })
  const tape = path('cut.tape')
  const run = await tokentape(
    ...[...LOAD, '--url', url, '--request-count', '8', '--api-key', KEY, '-o', tape],
  )
  expect(run.code).toBe(0)
  const reads = await rowsOf(
    `select decode(data) as text, blanked_bytes from '${tape}/events-0.parquet'
     where kind = 'read' and request_id = 0 order by at_ns`,
  )
  expect(reads.length).toBeGreaterThanOrEqual(2)
  const text = reads.map(read => read['text']).join('')
  expect(text).toContain(`your key is ${'x'.repeat(KEY.length)}, right?`)
  expect(reads.reduce((sum, read) => sum + Number(read['blanked_bytes'] ?? 0), 0)).toBe(KEY.length)
  const others = await rowsOf(
    `from '${tape}/events-0.parquet' where request_id <> 0 and blanked_bytes is not null`,
  )
  expect(others).toEqual([])
  const report = await tokentape('report', tape)
  expect(report.out).toMatch(
    /1 requests were answered with a secret of the run: 20 bytes in 2 reads/,
  )
})

test('an answer that stops within a key is on the disk all the same, without what came of it', async () => {
  const tape = path('stopped.tape')
  const live = `${tape}/events-0.arrows`
  const whole = message(`before it ${KEY} behind it`)
  const cut = whole.indexOf(KEY) + 9
  const url = await serve((_, response) => {
    begin(response).write(whole.slice(0, cut))
    // It goes on when the tape has the read: then no batch is waiting for the rest any more.
    const looking = setInterval(() => {
      if (!existsSync(live) || !readFileSync(live).includes('before it')) return
      clearInterval(looking)
      expect(readFileSync(live, 'latin1')).not.toContain(KEY.slice(0, 4))
      response.end(whole.slice(cut) + DONE)
    }, 10)
  })
  const run = await tokentape(
    ...[...LOAD, '--url', url, '--request-count', '1', '--api-key', KEY, '-o', tape],
  )
  expect(run.code).toBe(0)
  const reads = await rowsOf(
    `select decode(data) as text, blanked_bytes from '${tape}/events-0.parquet' where kind = 'read' order by at_ns`,
  )
  expect(reads.map(read => read['text']).join('')).toBe(
    whole.replace(KEY, 'x'.repeat(KEY.length)) + DONE,
  )
  expect(reads.map(read => read['blanked_bytes'])).toEqual([9, KEY.length - 9])
})

/** What libraries make of a text. */
const FORMS: [name: string, form: (secret: string) => string][] = [
  ['as it is', secret => secret],
  ['JSON', secret => JSON.stringify(secret).slice(1, -1)],
  ['JSON in JSON', secret => JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
  ['JSON of PHP', secret => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
  [
    'JSON in ASCII',
    secret => JSON.stringify(secret).slice(1, -1).replaceAll('ö', '\\u00f6'),
  ],
  ['encodeURIComponent', encodeURIComponent],
  ['a form', secret => new URLSearchParams({ a: secret }).toString().slice(2)],
  ['percent in lower case', secret => encodeURIComponent(secret).replace(/%../g, one => one.toLowerCase())],
  ['base64', secret => Buffer.from(secret).toString('base64')],
  ['base64url', secret => Buffer.from(secret).toString('base64url')],
  ['base64 behind one byte', secret => Buffer.from(`:${secret}:`).toString('base64')],
  ['base64 behind two bytes', secret => Buffer.from(`a:${secret}b`).toString('base64')],
] // biome-ignore format: a form a line

test('keys are found as JSON, in URLs and in base64, in answers, errors, bodies and metrics pages', async () => {
  const said = FORMS.flatMap(([, form]) => [KEY, PASSWORD].map(form))
  const url = await serve((request, response, index) => {
    if (request.url!.startsWith('/metrics')) {
      response.end(`# HELP a page\nkeys{all="${said.join(' ')}"} 1\n`)
      return
    }
    if (index % 2 === 0) {
      begin(response).end(`: ${said.join(' ')}\n\n${message('ok')}${DONE}`)
      return
    }
    response.writeHead(401, { 'content-type': 'application/json', server: KEY })
    response.end(`{"error":{"message":"${said.join(' ').replaceAll(/["\\]/g, "'")}"}}`)
  })
  const host = url.replace('http://', '')
  const tape = path('forms.tape')
  const run = await tokentape(
    ...[...LOAD, '--url', url, '--request-count', '6', '--api-key', KEY, '--keep-bodies', '-o', tape],
    ...['--server-metrics', `http://someone:${encodeURIComponent(PASSWORD)}@${host}`],
    ...['--extra-inputs', `{"mine": {"service_key": ${JSON.stringify(PASSWORD)}}, "top_k": 5}`],
  ) // biome-ignore format: one flag and its value beside each other
  expect(run.code).toBe(0)
  const report = await tokentape('report', tape)
  const words = (await wordsOf(tape)) + run.out + run.err + report.out + report.err
  for (const [name, form] of FORMS)
    for (const secret of [KEY, PASSWORD]) {
      // One character at either end of base64 is shared with its neighbours, and may stay.
      const wanted = name.startsWith('base64') ? form(secret).slice(3, -5) : form(secret)
      expect(words.includes(wanted), `${secret} as ${name}`).toBe(false)
    }
  expect(words).toContain('top_k')
})

const SECRET = 's3cr3t-in-argv'
test.each([
  [
    'headers and fields',
    ['-HAuthorization: Bearer s3cr3t-in-argv', '-H', 'X-Api-Key: s3cr3t-in-argv'],
    ['--header=cookie: a=s3cr3t-in-argv; b=c', '--extra-inputs', 'api_key:s3cr3t-in-argv'],
    ['--extra-inputs={"deep": [{"password": "s3cr3t-in-argv"}]}'],
    ['--extra-inputs', '{"credentials": {"id": "s3cr3t-in-argv"}}', '--url', 'HOST'],
    ['--endpoint', '/v1/x?Api-Key=s3cr3t-in-argv'],
  ],
  [
    'URLs',
    ['-u', 'user:s3cr3t-in-argv@HOST', '-uhttp://user:s3cr3t-in-argv@HOST'],
    ['--url=HTTP://user:s3cr3t-in-argv@HOST', '-u', 'HOST/v1?Api-Key=s3cr3t-in-argv'],
    ['-u', 'HOST/v1?code=s3cr3t-in-argv&sig=s3cr3t-in-argv&access_token=s3cr3t-in-argv'],
    ['--server-metrics=http://u:s3cr3t-in-argv@HOST'],
    ['--server-metrics', 'HOST', 'http://u:s3cr3t-in-argv@HOST'],
  ],
  [
    'a key that is also somewhere else',
    ['--api-key=s3cr3t-in-argv', '--run-id', 'run-of-s3cr3t-in-argv', '--url', 'HOST'],
    ['--extra-inputs', 'user:s3cr3t-in-argv', '--keep-bodies'],
  ],
])('%s: no secret of the command line is on the tape or the terminal', async (name, ...flags) => {
  const url = await serve((_, response) => begin(response).end(message('ok') + DONE))
  const words = flags.flat().map(flag => flag.replaceAll('HOST', url.replace('http://', '')))
  const tape = path(`${name}.tape`)
  const run = await tokentape(...LOAD, ...words, '--request-count', '5', '-o', tape)
  expect(run.err + run.out).not.toContain(SECRET)
  expect(run.code).toBe(0)
  expect(await wordsOf(tape)).not.toContain(SECRET)
})

test('however a flag is spelt, argv is the same', async () => {
  const url = await serve((_, response) => begin(response).end(message('ok') + DONE))
  const argvOf = async (name: string, ...flags: string[]): Promise<string[]> => {
    const tape = path(name)
    expect((await tokentape(...flags, '--artifact-dir', tape)).code).toBe(0)
    const { argv } = JSON.parse(readFileSync(`${tape}/profile.tape/run.json`, 'utf8'))
    return argv.slice(0, argv.indexOf('--artifact-dir'))
  }
  writeFileSync(path('c.yaml'), `concurrency: 2\nheader:\n  X-Team: a b\n  X-Api-Key: ${SECRET}\n`)
  const short = await argvOf('1', 'record', '-mm', `-u${url}`, '-HX-Team: a b', `-HX-Api-Key: ${SECRET}`, '--concurrency=2', '--num-requests=2', '--isl=5', '--streaming') // biome-ignore format: a line
  const long = await argvOf('2', 'record', '--streaming', '--isl', '5', '--request-count', '2', '--url', url, '--model', 'm', '--config', path('c.yaml')) // biome-ignore format: a line
  expect(long.filter(word => word !== '--config' && word !== path('c.yaml'))).toEqual(short)
  expect(short).toEqual([
    ...['record', '--concurrency', '2', '--request-count', '2', '--isl', '5', '--model', 'm'],
    ...[
      '--url',
      url,
      '--streaming',
      '--header',
      'X-Team: a b',
      '--header',
      'X-Api-Key: [redacted]',
    ],
  ])
})

test('a header that only sounds like a secret, and a secret that is a common word, blank nothing', async () => {
  const url = await serve((_, response) => begin(response).end(message('content 123456') + DONE))
  const tape = path('open.tape')
  const headers = ['X-Auth-Mode: content', 'X-Tokenizer: choices', 'X-Keyboard-Layout: finish_reason', 'X-Api-Key: content', 'X-Auth-Token: 123456', 'Ocp-Apim-Subscription-Key: delta'] // biome-ignore format: a line
  const run = await tokentape(
    ...[...LOAD, '--url', url, '--request-count', '4', '-o', tape],
    ...headers.flatMap(header => ['-H', header]),
  )
  expect(run.code).toBe(0)
  const [row] = await rowsOf(
    `select count(blanked_bytes) as blanked, count(*) filter (decode(data) like '%"content":"content 123456"%') as whole
     from '${tape}/events-0.parquet' where kind = 'read'`,
  )
  expect(row).toEqual({ blanked: '0', whole: '4' })
  const { plan, argv } = JSON.parse(readFileSync(`${tape}/run.json`, 'utf8'))
  expect(plan.headers).toMatchObject({ 'x-auth-mode': 'content', 'x-tokenizer': 'choices' })
  expect(plan.secretHeaders).toEqual(['x-api-key', 'x-auth-token', 'ocp-apim-subscription-key'])
  expect(argv).toContain('X-Auth-Mode: content')
  expect(argv).toContain('X-Api-Key: [redacted]')
})

test('--keep timing has no secret where a server puts one into names, kinds and types', async () => {
  const planted = 'planted_key_of_ours'
  const url = await serve((_, response) => {
    response.writeHead(200, {
      'content-type': `text/event-stream; key=${planted}`,
      server: planted,
    })
    response.write(`event: ${planted}\ndata: {"type":"${planted}","${planted}":"a"}\n\n`)
    response.end(message(planted) + DONE)
  })
  const tape = path('timing.tape')
  const run = await tokentape(
    ...[...LOAD, '--url', url, '--request-count', '4', '--api-key', planted, '-o', tape],
    ...['--keep', 'timing'],
  )
  expect(run.code).toBe(0)
  expect((await wordsOf(tape)) + run.err).not.toContain(planted)
})

test.each([
  [['--url', `http://user:${SECRET}@host name`], '--url: "http://host name" is not an http or https URL'],
  [['--server-metrics', `ftp://user:${SECRET}@host`], '--server-metrics: "ftp://host" is not an http or https URL'],
  [['--extra-inputs', `{"api_key": "${SECRET}",}`], '--extra-inputs: "{"api_key":…" is not valid JSON'],
  [['--extra-inputs', `api_key=${SECRET}`], '--extra-inputs: "api_key=…" is neither key:value nor a JSON object'],
  [['--apikey=s3cr3t-in-argv'], "unknown option '--apikey'"],
  [['-AAuthorization: s3cr3t-in-argv'], "unknown option '-A'"],
  [['--api-key', SECRET, '--concurrency', SECRET], '--concurrency: "[redacted]" is not a whole number'],
  [['--config', 'TAGGED'], 'tagged.yaml: '],
  [['--config', 'BROKEN'], 'broken.yaml: BLOCK_AS_IMPLICIT_KEY at line 1, column 10'],
])('%j is refused without the secret', async (flags, said) => {
  writeFileSync(path('broken.yaml'), `api-key: ${SECRET}: a\nmodel: m\n`)
  writeFileSync(path('tagged.yaml'), `api-key: !${SECRET} *${SECRET}\n`)
  const words = flags.map(flag => flag.replace('BROKEN', path('broken.yaml')).replace('TAGGED', path('tagged.yaml')))
  const run = await tokentape(...LOAD.slice(0, -2), ...words, '-o', path('no.tape'))
  expect(run.code).toBe(2)
  expect(run.err).toContain(said)
  expect(run.err + run.out).not.toContain(SECRET)
}) // biome-ignore format: a case a line
