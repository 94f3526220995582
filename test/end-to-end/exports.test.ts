import { expect, test } from 'vitest'
import { scratch, tokentape } from '../support/cli.ts'
import { rowsOf } from '../support/query.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()

const MOMENTS = `
  select request_id, outcome, first_content_ns - sent_ns as ttft_ns, last_content_ns - sent_ns as latency_ns, n_chunks
  from requests order by request_id`

async function momentsOf(tape: string): Promise<string> {
  const { out, code, err } = await tokentape('sql', tape, MOMENTS, '--format', 'json')
  expect(code, err).toBe(0)
  return out
}

test('a recorded run goes to AIPerf and back, and every latency is the same', async () => {
  const server = await simulator('--ttft-ms', '20', '--itl-ms', '3', '--itl-jitter-ms', '1')
  const tape = path('run.tape')
  const recorded = await tokentape(
    ...['record', '--model', 'simulated', '--url', server.url, '--streaming'],
    ...['--concurrency', '4', '--request-count', '12', '--isl', '20', '--osl', '15', '-o', tape],
  )
  expect(recorded.code, recorded.err).toBe(0)
  await server.stop()
  const results = path('aiperf')
  const exported = await tokentape('export', tape, '--format', 'aiperf', '-o', results)
  expect(exported.code, exported.err).toBe(0)
  const back = path('back.tape')
  const imported = await tokentape('import', results, '--from', 'aiperf', '-o', back)
  expect(imported.code, imported.err).toBe(0)
  expect(await momentsOf(back)).toBe(await momentsOf(tape))

  // vLLM counts from the first message with a choice to the last: the recorded reads say when that was.
  const file = path('vllm.json')
  expect((await tokentape('export', tape, '--format', 'vllm', '-o', file)).code).toBe(0)
  const again = path('vllm.tape')
  expect((await tokentape('import', file, '--from', 'vllm', '-o', again)).code).toBe(0)
  const choices = `
    select at_ns - sent_ns as ns
    from messages join requests using (run_id, request_id)
    where kind in ('role', 'text', 'finish') or content_index is not null
    order by request_id, message_index`
  const [ours, theirs] = await Promise.all(
    [tape, again].map(
      async name => (await tokentape('sql', name, choices, '--format', 'json')).out,
    ),
  )
  const numbers = (text: string): number[] => JSON.parse(text).map(({ ns }: { ns: number }) => ns)
  expect(numbers(theirs!)).toHaveLength(numbers(ours!).length)
  // Seconds as doubles, added up: within some nanoseconds.
  for (const [i, at] of numbers(theirs!).entries())
    expect(Math.abs(at - numbers(ours!)[i]!)).toBeLessThan(20)

  // In a Parquet reader of anybody's an imported tape says what it knows, and no more.
  const events = await rowsOf(
    `select kind, count(n_bytes) as bytes from read_parquet('${back}/events-0.parquet') group by kind order by kind`,
  )
  expect(events).toEqual([
    { kind: 'end', bytes: '0' },
    { kind: 'headers', bytes: '0' },
    { kind: 'sent', bytes: '0' },
  ])
})
