import { writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { cachedTokens } from '../support/engine-cache.ts'
import { simulator } from '../support/simulator.ts'
import { truthOf } from '../support/truth.ts'

const path = scratch()

/** A block of this trace has 64 tokens: four blocks of the engine. */
const BLOCK = 64
type Line = { timestamp: number; input_length: number; output_length: number; hash_ids: number[] }

/** Six conversations of four turns; each turn's prompt begins with the one before. The last is too long. */
function trace(): Line[] {
  const lines: Line[] = []
  for (let turn = 0; turn < 4; turn++)
    for (let session = 0; session < 6; session++) {
      const nBlocks = 2 + 3 * turn + session
      const hash_ids = Array.from({ length: nBlocks }, (_, i) => (i === 0 ? 0 : 100 * session + i))
      lines.push({
        timestamp: 1000 * turn + 40 * session,
        input_length: BLOCK * (nBlocks - 1) + 1 + ((17 * session + 29 * turn) % BLOCK),
        output_length: 3 + session,
        hash_ids,
      })
    }
  const long = Array.from({ length: 20 }, (_, i) => 9000 + i)
  return [...lines, { timestamp: 3500, input_length: BLOCK * 20, output_length: 5, hash_ids: long }]
}

test('a trace against an engine: all accounted for, lengths exact, shared prefixes found', async () => {
  const lines = trace()
  writeFileSync(path('trace.jsonl'), lines.map(line => JSON.stringify(line)).join('\n'))
  // biome-ignore format: one flag and its value beside each other
  const server = await simulator(
    '--engine', '--max-model-len', '1200', '--num-gpu-blocks', '4000', '--frontend-ms', '5',
    '--cold-factor', '0', '--max-num-batched-tokens', '100000', '--truth', path('truth'),
  )
  const tape = path('engine.tape')
  // biome-ignore format: one flag and its value beside each other
  const { code, err } = await tokentape(
    'record', '--model', 'm', '--url', server.url, '--streaming', '--input-file', path('trace.jsonl'),
    '--custom-dataset-type', 'mooncake_trace', '--isl-block-size', `${BLOCK}`, '--fixed-schedule',
    '--speedup', '5', '--output', tape,
  )
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  await server.stop()

  const tapes = await openTapes([tape], { err: () => {} })
  const rows = await tapes.query(`
    select request_id::int as id, dataset_row::int as row, outcome, status,
           usage_prompt_tokens::int as prompt, usage_completion_tokens::int as completion,
           usage_cached_tokens::int as cached
    from requests order by row`)
  tapes.close()
  // A busy machine may send late and out of order: what counts is the order in which the engine saw them.
  const truth = truthOf(path('truth')).sort((a, b) => a.request - b.request)
  expect(truth.map(({ outcome }) => outcome)).toEqual(Array(24).fill('ok'))
  const idOf = ({ x_request_id }: { x_request_id: string }) =>
    Number(x_request_id.split('-').at(-1))
  const rowOf = new Map(rows.map(({ id, row }) => [id, row as number]))
  const came = truth.map(each => rowOf.get(idOf(each))!)
  const found = cachedTokens(
    came.map(row => lines[row]!),
    BLOCK,
    16,
  )
  expect(Math.max(...found)).toBeGreaterThan(300)
  expect(rows.map(({ id: _, ...row }) => row)).toEqual(
    lines.map(({ input_length, output_length }, row) =>
      row === 24
        ? { row, outcome: 'http_error', status: 400, prompt: null, completion: null, cached: null }
        : {
            row,
            outcome: 'ok',
            status: 200,
            prompt: input_length,
            completion: output_length,
            cached: found[came.indexOf(row)],
          },
    ),
  )
  const hits = found.reduce((sum, n) => sum + n, 0)
  expect(metrics).toContain(
    `vllm:prefix_cache_hits_total{engine="0",model_name="simulated"} ${hits}\n`,
  )
})

test('a tape is replayed: the same bytes, and no earlier than on the tape', async () => {
  const server = await simulator('--ttft-ms', '60', '--itl-ms', '15', '--itl-jitter-ms', '5')
  const record = (url: string, tape: string, ...more: string[]) =>
    // biome-ignore format: one flag and its value beside each other
    tokentape(
      'record', '--model', 'm', '--url', url, '--streaming', '--concurrency', '3',
      '--request-count', '9', '--isl', '20', '--osl', '12', '--random-seed', '3', '--output', tape, ...more,
    )
  expect((await record(server.url, path('first.tape'))).code).toBe(0)
  await server.stop()
  const again = await simulator('--replay', path('first.tape'))
  // Sent in another order of things: one at a time. The bodies say which is which.
  expect((await record(again.url, path('second.tape'), '--concurrency', '1')).code).toBe(0)
  // All answers have been given: 503 for whoever asks for more, and exit code 3.
  expect((await record(again.url, path('third.tape'))).code).toBe(3)
  await again.stop()

  const read = async (tape: string) => {
    const tapes = await openTapes([tape], { err: () => {} })
    const rows = await tapes.query(`
      select r.request_id::int as id, m.text, (m.at_ns - r.sent_ns) / 1e6 as at_ms
      from messages m join requests r using (run_id, request_id)
      order by id, message_index`)
    tapes.close()
    return rows as { id: number; text: string | null; at_ms: number }[]
  }
  const [first, second] = [await read(path('first.tape')), await read(path('second.tape'))]
  expect(first.length).toBeGreaterThan(9 * 12)
  const texts = (rows: typeof first) => rows.map(({ id, text }) => [id, text])
  expect(texts(second)).toEqual(texts(first))
  const lateMs = second.map(({ at_ms }, i) => at_ms - first[i]!.at_ms).sort((a, b) => a - b)
  // Never earlier: the server has the request after it was sent. A token that was read late the first
  // time is no exception, for its read is what is replayed.
  expect(lateMs[0]!).toBeGreaterThanOrEqual(0)
})
