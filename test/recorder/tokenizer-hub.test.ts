import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { fetchTokenizer, resolveTokenizer } from '../../recorder/tokenizer-hub.ts'
import { UserError } from '../../schemas/errors.ts'
import { sentencePieceLike, temporaryFolder, tokenizerFolder } from '../support/tokenizers.ts'

const ID = 'org/model'
const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const SECRET = 'hf_do_not_print_me'
const TOKENIZER = JSON.stringify(sentencePieceLike('gemma'))
const CONFIG = '{"tokenizer_class":"GemmaTokenizer"}'

type Seen = { path: string; authorization: string | undefined }
type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A hub on this machine: an answer for each path below `/org/model/resolve/`, 404 for the rest. */
async function hub(answers: Record<string, Answer>) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!)
    seen.push({ path, authorization: request.headers.authorization })
    const answer = answers[path.replace(`/${ID}/resolve/`, '')]
    if (answer) answer(request, response)
    else response.writeHead(404).end('Entry not found')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const cache = temporaryFolder()
  return { endpoint, seen, cache, env: { HF_ENDPOINT: endpoint, HF_HUB_CACHE: cache } }
}

const sends =
  (body: string | Buffer, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(200, { 'x-repo-commit': COMMIT, ...headers }).end(body)
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end('no')

async function failureOf(work: Promise<unknown>): Promise<UserError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof UserError) return error
  throw error ?? new Error('it did not fail')
}

/** All files of a cache, without its folder. */
const filesOf = (cache: string): string[] =>
  readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(cache.length + 1))
    .sort()

const REPO = 'models--org--model'

test('a tokenizer is fetched into the Hugging Face cache, and from then on found there', async () => {
  const { env, seen, cache } = await hub({
    'main/tokenizer.json': sends(TOKENIZER),
    [`${COMMIT}/tokenizer_config.json`]: sends(CONFIG),
  })
  const lines: string[] = []
  const tokenizer = await resolveTokenizer(ID, { env, onProgress: line => lines.push(line) })
  expect(tokenizer).toMatchObject({ id: ID })
  expect(tokenizer.count(' the river')).toBe(2)
  expect(filesOf(cache)).toEqual([
    `${REPO}/refs/main`,
    `${REPO}/snapshots/${COMMIT}/tokenizer.json`,
    `${REPO}/snapshots/${COMMIT}/tokenizer_config.json`,
  ])
  expect(readFileSync(join(cache, REPO, 'refs/main'), 'utf8')).toBe(COMMIT)
  expect(lines).toEqual([`fetching the tokenizer org/model from ${env.HF_ENDPOINT}`])
  expect(seen).toHaveLength(2)
  expect((await resolveTokenizer(ID, { env, offline: true })).digest).toBe(tokenizer.digest)
  expect(seen).toHaveLength(2)
})

test('a slow download says how much of how much has come', async () => {
  const body = JSON.stringify({ ...JSON.parse(TOKENIZER), padding: ' '.repeat(2e6) })
  const { env } = await hub({
    'main/tokenizer.json': (_, response) => {
      response.writeHead(200, { 'content-length': Buffer.byteLength(body) })
      response.write(body.slice(0, 1e6))
      setTimeout(() => response.end(body.slice(1e6)), 600)
    },
  })
  const lines: string[] = []
  await fetchTokenizer(ID, { env, onProgress: line => lines.push(line) })
  expect(lines[1]).toMatch(/^fetching the tokenizer org\/model: [12]\.\d of 2\.0 MB$/)
})

test('a tokenizer without a tokenizer_config.json is a tokenizer', async () => {
  const { env, cache } = await hub({ 'main/tokenizer.json': sends(TOKENIZER) })
  expect((await resolveTokenizer(ID, { env })).count(' the')).toBe(1)
  expect(filesOf(cache)).toHaveLength(2)
})

test('a revision is fetched and cached under its own name', async () => {
  const { env, cache } = await hub({ 'refs/pr/1/tokenizer.json': sends(TOKENIZER) })
  await resolveTokenizer(ID, { env, revision: 'refs/pr/1' })
  expect(readFileSync(join(cache, REPO, 'refs/refs/pr/1'), 'utf8')).toBe(COMMIT)
  expect((await failureOf(resolveTokenizer(ID, { env }))).message).toMatch(/at main \(HTTP 404\)/)
})

test('a redirect to another host is followed, without the token', async () => {
  const store = await hub({ '/store': sends(TOKENIZER, { 'x-repo-commit': 'f'.repeat(40) }) })
  const { env, seen, cache } = await hub({
    'main/tokenizer.json': (_, response) =>
      response
        .writeHead(302, { location: `${store.endpoint}/store`, 'x-repo-commit': COMMIT })
        .end(),
    [`${COMMIT}/tokenizer_config.json`]: (_, response) =>
      response.writeHead(307, { location: '/here', 'x-repo-commit': COMMIT }).end(),
    '/here': sends(CONFIG),
  })
  await resolveTokenizer(ID, { env: { ...env, HF_TOKEN: SECRET } })
  expect(seen.map(({ authorization }) => authorization)).toEqual(
    new Array(3).fill(`Bearer ${SECRET}`),
  )
  expect(store.seen).toEqual([{ path: '/store', authorization: undefined }])
  // The hub's own answer names the commit, not the store's.
  expect(filesOf(cache)).toContain(`${REPO}/snapshots/${COMMIT}/tokenizer_config.json`)
})

test('redirects in a circle end', async () => {
  const { env } = await hub({
    'main/tokenizer.json': (_, response) =>
      response.writeHead(302, { location: `/${ID}/resolve/main/tokenizer.json` }).end(),
  })
  expect((await failureOf(resolveTokenizer(ID, { env }))).message).toMatch(/more than 5 redirects/)
})

test('a compressed answer is unpacked', async () => {
  const { env } = await hub({
    'main/tokenizer.json': sends(gzipSync(TOKENIZER), { 'content-encoding': 'gzip' }),
  })
  const lines: string[] = []
  const tokenizer = await resolveTokenizer(ID, { env, onProgress: line => lines.push(line) })
  expect(tokenizer.count(' the river')).toBe(2)
  expect(lines.every(line => !line.includes(' of '))).toBe(true)
})

const half = TOKENIZER.slice(0, TOKENIZER.length / 2)
test.each<[string, Answer]>([
  [
    'in the middle of a known length',
    (_, response) => {
      response.writeHead(200, {
        'content-length': Buffer.byteLength(TOKENIZER),
        'x-repo-commit': COMMIT,
      })
      response.write(half, () => response.destroy())
    },
  ],
  [
    'in the middle of chunks',
    (_, response) => {
      response.writeHead(200, { 'x-repo-commit': COMMIT })
      response.write(half, () => response.destroy())
    },
  ],
  [
    'where nothing says that more should come',
    request => {
      request.socket.end(`HTTP/1.0 200 OK\r\nx-repo-commit: ${COMMIT}\r\n\r\n${half}`)
    },
  ],
  [
    'in the middle of a compressed body',
    sends(gzipSync(TOKENIZER).subarray(0, 900), { 'content-encoding': 'gzip' }),
  ],
])('a connection cut %s leaves nothing in the cache', async (_, answer) => {
  const { env, cache } = await hub({ 'main/tokenizer.json': answer })
  const failure = await failureOf(resolveTokenizer(ID, { env }))
  expect(failure.message).toMatch(/^--tokenizer: cannot fetch "org\/model" from http:/)
  expect(failure.hint).toBe('name a tokenizer.json on this machine, or use --tokenizer builtin')
  expect(filesOf(cache)).toEqual([])
})

test('a cut in the second file leaves nothing in the cache either', async () => {
  const { env, cache } = await hub({
    'main/tokenizer.json': sends(TOKENIZER),
    [`${COMMIT}/tokenizer_config.json`]: sends('{"tokenizer_'),
  })
  expect((await failureOf(resolveTokenizer(ID, { env }))).message).toMatch(/no whole JSON/)
  expect(filesOf(cache)).toEqual([])
})

test('a refusal names HF_TOKEN', async () => {
  for (const [code, token, hint] of [
    [401, '', /set HF_TOKEN to a key that may read it/],
    [403, SECRET, /the key in HF_TOKEN has no right to it/],
  ] as const) {
    const { env } = await hub({ 'main/tokenizer.json': status(code) })
    const failure = await failureOf(resolveTokenizer(ID, { env: { ...env, HF_TOKEN: token } }))
    expect(failure.message).toContain(`refuses "org/model" (HTTP ${code})`)
    expect(failure.hint).toMatch(hint)
    expect(`${failure.message}${failure.hint}`).not.toContain(SECRET)
  }
})

test('an id that the hub does not have is named', async () => {
  const { env, endpoint } = await hub({})
  const failure = await failureOf(resolveTokenizer('no/such', { env }))
  expect(failure.message).toBe(
    `--tokenizer: ${endpoint} has no tokenizer.json for "no/such" at main (HTTP 404)`,
  )
  expect(failure.hint).toMatch(/--tokenizer builtin/)
})

test('a hub in trouble is named with its status', async () => {
  const { env } = await hub({ 'main/tokenizer.json': status(503) })
  expect((await failureOf(resolveTokenizer(ID, { env }))).message).toMatch(/answered HTTP 503/)
})

test('without a network the hint is what works without one', async () => {
  const failure = await failureOf(
    resolveTokenizer(ID, { endpoint: 'http://127.0.0.1:1', env: { HF_HUB_CACHE: '/nowhere' } }),
  )
  expect(failure.message).toMatch(/cannot fetch "org\/model" from http:\/\/127\.0\.0\.1:1: /)
  expect(failure.hint).toBe('name a tokenizer.json on this machine, or use --tokenizer builtin')
})

test('offline, nothing is asked', async () => {
  const { env, seen } = await hub({ 'main/tokenizer.json': sends(TOKENIZER) })
  const byFlag = await failureOf(resolveTokenizer(ID, { env, offline: true }))
  expect(byFlag.message).toBe(
    '--tokenizer: "org/model" is not in the Hugging Face cache, and --offline forbids to fetch it',
  )
  const byVariable = await failureOf(resolveTokenizer(ID, { env: { ...env, HF_HUB_OFFLINE: '1' } }))
  expect(byVariable.message).toMatch(/HF_HUB_OFFLINE forbids/)
  expect(seen).toEqual([])
})

test('builtin and paths never ask the network', async () => {
  const { env, seen } = await hub({})
  expect((await resolveTokenizer('builtin', { env })).id).toBe('builtin')
  const folder = tokenizerFolder(JSON.parse(TOKENIZER))
  expect((await resolveTokenizer(folder, { env })).count(' the')).toBe(1)
  expect(seen).toEqual([])
})

test('what cannot be a Hugging Face id is not asked for', async () => {
  const { env, seen } = await hub({})
  for (const name of ['./missing.json', 'a/b/c', '../x', 'a b', ''])
    expect((await failureOf(resolveTokenizer(name, { env }))).message).toMatch(/no Hugging Face id/)
  expect((await failureOf(resolveTokenizer(ID, { env, revision: '../../x' }))).message).toBeTruthy()
  expect(seen).toEqual([])
})

test('a commit that is no hash does not become a folder', async () => {
  const { env, cache } = await hub({
    'main/tokenizer.json': sends(TOKENIZER, { 'x-repo-commit': '../../../evil' }),
  })
  expect((await resolveTokenizer(ID, { env })).count(' the')).toBe(1)
  expect(filesOf(cache)).toEqual([`${REPO}/snapshots/main/tokenizer.json`])
})

test('a token that no header can hold is refused without being quoted', async () => {
  const { env } = await hub({ 'main/tokenizer.json': sends(TOKENIZER) })
  const failure = await failureOf(
    resolveTokenizer(ID, { env: { ...env, HF_TOKEN: `${SECRET}\nsecond line` } }),
  )
  expect(`${failure.message}${failure.hint}`).not.toContain(SECRET)
  expect(failure.message).toMatch(/^HF_TOKEN: /)
  await resolveTokenizer(ID, { env: { ...env, HF_TOKEN: `${SECRET}\n` } })
})

test('a bad HF_ENDPOINT is refused', async () => {
  for (const endpoint of ['huggingface.co', 'ftp://x', 'http://me:pw@127.0.0.1:1']) {
    const failure = await failureOf(
      resolveTokenizer(ID, { env: { HF_ENDPOINT: endpoint, HF_HUB_CACHE: '/nowhere' } }),
    )
    expect(failure.message).toMatch(/^HF_ENDPOINT: /)
    expect(failure.message).not.toContain('pw')
  }
})

test('a cache that cannot be written is named', async () => {
  const { env, cache } = await hub({ 'main/tokenizer.json': sends(TOKENIZER) })
  mkdirSync(join(cache, REPO))
  writeFileSync(join(cache, REPO, 'snapshots'), 'a file where a folder should be')
  const failure = await failureOf(resolveTokenizer(ID, { env }))
  expect(failure.message).toMatch(/cannot write to the Hugging Face cache/)
  expect(existsSync(join(cache, REPO, 'refs'))).toBe(false)
})
