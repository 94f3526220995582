import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { IMPORTERS } from '../../../analyzer/imports/index.ts'
import { UserError } from '../../../schemas/errors.ts'
import { random } from '../../support/random.ts'

const folder = mkdtempSync(join(tmpdir(), 'cuts-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One result of each tool, small and whole. */
const WHOLE: Record<string, string> = {
  aiperf:
    '{"metadata":{"request_start_ns":1764000000000000123,"request_end_ns":1764000000090000123,"benchmark_phase":"profiling"},"metrics":{"time_to_first_token":{"value":20,"unit":"ms"},"request_latency":{"value":80,"unit":"ms"},"inter_chunk_latency":{"value":[10,50],"unit":"ms"}},"error":null}\n'.repeat(
      2,
    ),
  vllm: '{"model_id":"m","request_rate":"inf","ttfts":[0.1,0.2],"itls":[[0.01],[]],"errors":["",""],"input_lens":[1,2],"start_times":[5.5,6]}\n',
  sglang:
    '{"backend":"sglang","request_rate":Infinity,"mean_ttft_ms":NaN,"ttfts":[0.1,0],"itls":[[0.01],[]],"errors":["","x"]}\n',
  guidellm:
    '{"benchmarks":[{"config":{"strategy":{"type_":"constant"}},"requests":{"successful":[{"info":{"timings":{"request_start":5.5,"request_end":7,"first_token_iteration":6,"last_token_iteration":6.5,"token_iterations":3}},"output_metrics":{"total_tokens":3}}]}}]}',
  'inference-perf':
    '[{"start_time":1.5,"end_time":2,"info":{"response_metrics":{"chunk_times":[1.75],"response_chunks":["{\\"choices\\":[]}"],"output_tokens":1}},"error":null}]',
}

/** Reads all of a file; an error of the user's is an answer, any other is a bug. */
function outcomeOf(tool: string, text: string): 'read' | 'refused' {
  const file = join(folder, `${tool}.json`)
  writeFileSync(file, text)
  try {
    for (const run of IMPORTERS[tool]!(file)) for (const _ of run.requests);
    return 'read'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.message).toContain(file)
    expect(error.hint).not.toBe('')
    return 'refused'
  }
}

test.each(Object.keys(WHOLE))(
  '%s: the whole file is read, cut or damaged ones never crash',
  tool => {
    const whole = WHOLE[tool]!
    expect(outcomeOf(tool, whole)).toBe('read')
    const next = random(7)
    for (let end = 0; end < whole.length; end += 3) outcomeOf(tool, whole.slice(0, end))
    for (let round = 0; round < 300; round++) {
      const at = Math.floor(next() * whole.length)
      const piece = ['"', '}', ']', '0', '-1', 'null', '{}', '1e999', ',', ''][
        Math.floor(next() * 10)
      ]!
      outcomeOf(tool, whole.slice(0, at) + piece + whole.slice(at + 1 + Math.floor(next() * 4)))
    }
  },
)
