import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { TokenCounter } from '../../analyzer/decode/tokens.ts'
import { type OpenOptions, openTapes } from '../../analyzer/open-tapes.ts'
import { arrowEncoder } from '../../schemas/arrow-encoder.ts'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { columnsOf } from '../../schemas/columns.ts'
import { tapeDigests } from '../../schemas/digests.ts'
import type { Manifest } from '../../schemas/manifest.ts'
import {
  type EventKind,
  type EventRow,
  type HealthRow,
  type RequestRow,
  type ScrapeRow,
  TABLES,
  type TableName,
} from '../../schemas/tables.ts'
import { FORMAT_VERSION, tableFile, writeManifest } from '../../schemas/tape.ts'
import { ms } from '../../schemas/units.ts'

/** One request as a literal: instants in milliseconds since the run's zero. */
export type RequestLiteral = {
  sent?: number
  scheduled?: number
  dequeued?: number
  headers?: number
  /** When a connection was opened for it. */
  connect?: number
  /** When the last byte of its body was written. */
  bodySent?: number
  /** When it was sent again, since its connection had died. */
  retries?: number[]
  /** What is not on the tape: its events, or the row of what was asked, or both: another shard has it. */
  lost?: 'events' | 'row' | 'both'
  /** A chat stream: a role message with the headers, these content messages; unless it failed, finish and [DONE]. */
  tokens?: (number | [at: number, text: string])[]
  /** Instead of tokens: what each socket read brought. */
  reads?: [at: number, body: string | Uint8Array, blankedBytes?: number][]
  status?: number
  responseHeaders?: Record<string, string | string[]>
  usage?: Record<string, unknown>
  /** The finish_reason of a chat stream; left out: stop. */
  finish?: string
  /** How it ended; left out: completely. `unfinished` leaves the end off the tape. */
  outcome?:
    | 'timeout'
    | 'connect_error'
    | 'dns_error'
    | 'tls_error'
    | 'broken_stream'
    | 'client_error'
    | 'cancelled'
    | 'unfinished'
  detail?: string
  /** When it ended; left out: 1 ms after the last read. */
  end?: number
  /** What a faulty recorder made of its rows. */
  corrupted?: (happened: Happening[]) => Happening[]
} & Partial<Omit<RequestRow, 'request_id'>>

export type TapeFacts = {
  manifest?: Partial<Manifest>
  health?: Partial<HealthRow>[]
  /** Metrics pages that were fetched. */
  scrapes?: (Omit<ScrapeRow, 'blanked_bytes'> & { blanked_bytes?: number })[]
  state?: 'live' | 'sealed'
  /** Events stand as they are told, request by request: of a clock that goes backwards. */
  unsorted?: boolean
  /** false: a sealed tape of before there were digests. */
  digests?: boolean
}

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`
export const chatChunk = (delta: object, finish: string | null = null): string =>
  event({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
export const usageChunk = (usage: object): string => event({ id: 'chatcmpl-1', choices: [], usage })
export const DONE = 'data: [DONE]\n\n'

function readsOf(request: RequestLiteral): NonNullable<RequestLiteral['reads']> {
  const { tokens, usage, outcome, sent = 0, headers = sent } = request
  if (!tokens) return []
  const at = (token: (typeof tokens)[number]): number =>
    typeof token === 'number' ? token : token[0]
  const last = tokens.length > 0 ? at(tokens.at(-1)!) : headers
  const reads = tokens.map((token): [number, string] => [
    at(token),
    chatChunk({ content: typeof token === 'number' ? ' word' : token[1] }),
  ])
  const ending = chatChunk({}, request.finish ?? 'stop') + (usage ? usageChunk(usage) : '') + DONE
  return [
    [headers, chatChunk({ role: 'assistant', content: '' })],
    ...reads,
    ...(outcome ? [] : [[last + 1, ending] as [number, string]]),
  ]
}

const NOTHING = { status: 0, n_bytes: 0, data: new Uint8Array(), blanked_bytes: null }
export type Happening = { at: number; row: Omit<EventRow, 'at_ns' | 'request_id'> }

function happeningsOf(request: RequestLiteral): Happening[] {
  const { sent = 0, scheduled, dequeued, status = 200, outcome } = request
  const reads = request.reads ?? readsOf(request)
  const happened: Happening[] = []
  const add = (kind: EventKind, at: number, more: Partial<EventRow> = {}): void => {
    happened.push({ at, row: { ...NOTHING, kind, ...more } })
  }
  if (scheduled !== undefined) add('scheduled', scheduled)
  if (dequeued !== undefined) add('dequeued', dequeued)
  if (request.connect !== undefined) add('connect', request.connect)
  add('sent', sent)
  if (request.bodySent !== undefined) add('body_sent', request.bodySent)
  for (const at of request.retries ?? []) {
    const data = Buffer.from('{"code":"broken_stream","detail":"other side closed"}')
    add('retry', at, { data, n_bytes: data.length })
    add('sent', at)
  }
  const answered = reads.length > 0 || (!outcome && status !== 0) || request.headers !== undefined
  if (answered) {
    const kept = request.responseHeaders ?? { 'content-type': 'text/event-stream' }
    const data = Buffer.from(JSON.stringify(kept))
    add('headers', request.headers ?? reads[0]?.[0] ?? sent, { status, data, n_bytes: data.length })
  }
  for (const [at, body, blankedBytes] of reads) {
    const data = Buffer.from(body)
    add('read', at, { data, n_bytes: data.length, blanked_bytes: blankedBytes ?? null })
  }
  const end = request.end ?? (reads.at(-1)?.[0] ?? sent) + 1
  if (outcome === 'cancelled') {
    const data = Buffer.from('{"reason":"planned"}')
    add('cancel', end, { data, n_bytes: data.length })
  }
  if (!outcome)
    add('end', end, {
      status,
      n_bytes: happened.reduce((n, { row }) => n + (row.kind === 'read' ? row.n_bytes : 0), 0),
    })
  else if (outcome !== 'unfinished') {
    const data = Buffer.from(JSON.stringify({ code: outcome, detail: request.detail ?? 'as told' }))
    add('error', end, { status: answered ? status : 0, data, n_bytes: data.length })
  }
  return happened
}

const unchanged = (happened: Happening[]): Happening[] => happened

/** The events of all requests in the order in which their lane would have seen them. */
export const eventRows = (requests: RequestLiteral[], unsorted = false): EventRow[] =>
  requests
    .flatMap((request, id) =>
      request.lost === 'events' || request.lost === 'both'
        ? []
        : (request.corrupted ?? unchanged)(happeningsOf(request)).map(happening => ({
            id,
            ...happening,
          })),
    )
    .sort((a, b) => (unsorted ? 0 : a.at - b.at))
    .map(({ id, at, row }) => ({ request_id: id, at_ns: ms(at), ...row }))

const requestRow = (request: RequestLiteral, id: number): RequestRow => ({
  request_id: id,
  lane: request.lane ?? 0,
  phase: request.phase ?? 'profiling',
  session_id: request.session_id ?? null,
  turn: request.turn ?? 0,
  dataset_row: request.dataset_row ?? null,
  input_tokens: request.input_tokens === undefined ? 5 : request.input_tokens,
  history_tokens: request.history_tokens ?? null,
  requested_output_tokens: request.requested_output_tokens ?? null,
  hash_ids: request.hash_ids ?? null,
  model: request.model ?? 'm',
  url: request.url ?? 'http://localhost/v1/chat/completions',
  body_bytes: request.body_bytes ?? 2,
  body_digest: request.body_digest ?? '00',
  body: request.body ?? null,
})

export const healthRow = (row: Partial<HealthRow>): HealthRow => ({
  ...(Object.fromEntries(Object.keys(TABLES.health).map(name => [name, 0])) as HealthRow),
  ...row,
})

const manifestOf = (facts: TapeFacts): Manifest => ({
  format: 'tokentape',
  format_version: FORMAT_VERSION,
  state: facts.state === 'sealed' ? 'sealed' : 'recording',
  run_id: 'a',
  started_at_unix_ns: '1764000000000000000',
  monotonic_zero_ns: '1000000000',
  argv: ['record', '--model', 'm'],
  plan: { model: 'm', concurrency: 1 },
  seed: 0,
  keep: 'raw',
  lanes: 1,
  shard: { index: 0, of: 1 },
  endpoint: { type: 'chat', streaming: true, urls: ['http://localhost'], model: 'm' },
  dataset: { kind: 'synthetic', digest: '00' },
  tokenizer: { id: 'words', digest: '00' },
  clock: { source: 'hrtime', kernel_clocksource: null },
  host: {},
  ...facts.manifest,
})

/** Writes a table's live file: what the recorder leaves on disk. */
export function writeLog(path: string, table: TableName, rows: object[]): void {
  const encoder = arrowEncoder(TABLES[table])
  const pieces = encoder.batch(columnsOf(TABLES[table], rows as Record<string, unknown>[]))
  writeFileSync(path, Buffer.concat([...pieces, ...encoder.end()]))
}

const made: string[] = []
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** Writes a tape from literals and returns its path. It is sealed unless told otherwise. */
export async function writeTape(
  requests: RequestLiteral[],
  facts: TapeFacts = {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'tape-'))
  made.push(folder)
  const manifest = manifestOf({ state: 'sealed', ...facts })
  const tape = join(folder, `${manifest.run_id}.tape`)
  mkdirSync(tape)
  const lanes = [...new Set([0, ...requests.map(({ lane = 0 }) => lane)])]
  for (const lane of lanes) {
    const own = (row: { request_id: number }): boolean =>
      (requests[row.request_id]!.lane ?? 0) === lane
    writeLog(
      tableFile(tape, 'events', lane, 'live'),
      'events',
      eventRows(requests, facts.unsorted).filter(own),
    )
    writeLog(
      tableFile(tape, 'requests', lane, 'live'),
      'requests',
      requests
        .map(requestRow)
        .filter(row => own(row) && (requests[row.request_id]!.lost ?? 'events') === 'events'),
    )
    const health = (facts.health ?? []).map(healthRow).filter(row => row.lane === lane)
    writeLog(tableFile(tape, 'health', lane, 'live'), 'health', health)
  }
  if (facts.scrapes) writeLog(tableFile(tape, 'scrapes', 0, 'live'), 'scrapes', facts.scrapes)
  writeManifest(tape, manifest)
  if (manifest.state === 'sealed') {
    await seal(tape, lanes, manifest.run_id)
    if (facts.digests !== false)
      writeManifest(tape, { ...manifest, digests: await tapeDigests(tape) })
  }
  return tape
}

async function seal(tape: string, lanes: number[], runId: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  connection.registerTableFunction(arrowScan(new Map()))
  for (const lane of lanes)
    for (const table of Object.keys(TABLES) as TableName[]) {
      const live = tableFile(tape, table, lane, 'live')
      if (!existsSync(live)) continue
      await connection.run(`
        copy (from read_arrow_log('${live}', '${table}'))
        to '${tableFile(tape, table, lane, 'sealed')}'
        (format parquet, parquet_version v2, compression zstd, kv_metadata {run_id: '${runId}'})`)
      rmSync(live)
    }
  connection.closeSync()
  instance.closeSync()
}

/** A tokenizer that can be checked in the head: a token is a run of letters with the space before it, or one other character. */
export const words: TokenCounter & { id: string } = {
  id: 'words',
  digest: 'f00dfacecafe0000',
  count: text => tokensIn(text).length,
  tokenEnds: text => {
    let end = 0
    return Uint32Array.from(tokensIn(text), token => {
      end += token.length
      return end
    })
  },
}
const tokensIn = (text: string): string[] => text.match(/ ?[a-z]+|[\s\S]/gi) ?? []

/** A tape from literals, opened: its relations answer queries. */
export async function tapeOf(...requests: RequestLiteral[]) {
  return openLiteral(requests)
}

export async function openLiteral(
  requests: RequestLiteral[],
  facts: TapeFacts = {},
  options: Partial<OpenOptions> = {},
) {
  const path = await writeTape(requests, facts)
  let notes = ''
  const tapes = await openTapes([path], {
    err: text => {
      notes += text
    },
    tokenizerOf: () => words,
    ...options,
  })
  return { ...tapes, path, notes: () => notes }
}
