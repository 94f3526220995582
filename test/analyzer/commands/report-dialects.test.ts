import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { analyze } from '../../support/analyze.ts'
import { writeTape } from '../../support/tape.ts'

const golden = fileURLToPath(new URL('../../golden/tapes/v1.tape', import.meta.url))
/** The golden tape is older than digests. */
const NOTE = `note: ${golden}: no digests in run.json, so damage to files can go unnoticed; to add them: tokentape seal ${golden}\n`

test('the golden tape as every tool would read it, and why', async () => {
  const { code, out, err } = await analyze('report', golden, '--compare-definitions')
  expect({ code, err }).toEqual({ code: 0, err: NOTE })
  await expect(out).toMatchFileSnapshot('../../golden/definitions.txt')
})

test('the golden tape as one tool would read it', async () => {
  const { code, out, err } = await analyze('report', golden, '--as', 'guidellm')
  expect({ code, err }).toEqual({ code: 0, err: NOTE })
  await expect(out).toMatchFileSnapshot('../../golden/dialect.txt')
})

describe('programs', () => {
  const tape = writeTape([{ sent: 0, headers: 5, tokens: [10, 30] }], {
    manifest: { tokenizer: { id: 'builtin', digest: '' } },
  })
  const asked = async (...flags: string[]): Promise<string> => {
    const { code, out, err } = await analyze('report', await tape, ...flags)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    return out
  }

  test('JSON names the dialect and its version beside the numbers, in its tool\u2019s words', async () => {
    const found = JSON.parse(await asked('--as', 'vllm', '--percentiles', '75', '--format', 'json'))
    expect(found).toMatchObject({ dialect: 'vllm', version: 2, tool: 'vLLM 0.33.0' })
    expect(found.rules).toContain(
      'the first token is the first content (an empty one without a role too), reasoning or tool call; reasoning_content is none',
    )
    expect(found.runs).toMatchObject([
      {
        run_id: 'a',
        metrics: {
          // The role at 5, words at 10 and 30, the finish at 31.
          ttft: { name: 'TTFT', unit: 'ms', n: 1, mean: 10, p50: 10, p75: 10, p90: 10, p99: 10 },
          itl: { name: 'ITL', n: 1, p50: 20 },
          latency: { name: 'E2EL', mean: 30 },
          duration: { unit: 'sec', value: 0.032 },
        },
      },
    ])
  })

  test('JSON of the comparison has each change with its rule and its cause', async () => {
    const [run] = JSON.parse(await asked('--compare-definitions', '--format', 'json'))
    const vllm = run.dialects.find(({ dialect }: { dialect: string }) => dialect === 'vllm-rust')
    expect(run.dialects[0]).toMatchObject({ dialect: 'aiperf', changes: [] })
    expect(vllm.changes).toContainEqual({
      metric: 'ttft',
      unit: 'ms',
      rule: 'first',
      cause: 'the first token is the first message with choices: a role or empty one too',
      mean: -5,
      p50: -5,
      p99: -5,
    })
  })

  test('CSV is a line for each number of each dialect', async () => {
    const lines = (await asked('--compare-definitions', '--format', 'csv')).split('\n')
    expect(lines[0]).toBe('run_id,dialect,version,metric,name,unit,n,mean,p50,p99')
    expect(lines).toContain('a,vllm-rust,1,ttft,TTFT,ms,1,5,5,5')
    expect(lines).toContain('a,vllm,2,duration,,sec,,0.032,,')
    expect(lines.filter(line => /,itl,/.test(line)).map(line => line.split(',')[1])).not.toContain(
      'llmperf',
    )
  })

  test('markdown has tables', async () => {
    expect(await asked('--as', 'sglang', '--format', 'markdown')).toMatch(
      /^read as sglang, definition 1: SGLang [\d.]+\n[\s\S]*\n\| time to first token \| TTFT \| ms \| 10 \|/,
    )
  })
})

test('several runs: a table each, named', async () => {
  const manifest = { tokenizer: { id: 'builtin', digest: '' } }
  const a = await writeTape([{ tokens: [10] }], { manifest })
  const b = await writeTape([{ tokens: [20] }], { manifest: { ...manifest, run_id: 'b' } })
  const { out } = await analyze('report', a, b, '--as', 'vllm')
  expect(out).toMatch(/\n\na\nmetric[\s\S]*\n\nb\nmetric/)
  const compared = await analyze('report', a, b, '--compare-definitions')
  expect(compared.out).toMatch(/\n\nb: vllm, definition 2/)
})

test.each([
  [
    ['--as', 'vlm'],
    'error: --as: no dialect "vlm"\n  hint: did you mean vllm? dialects are aiperf, evalscope, evalscope-1.4, genai-bench, guidellm, inference-perf, llmperf, loadgen, sglang, vllm, vllm-rust\n',
  ],
  [
    ['--as', 'vllm', '--compare-definitions'],
    'error: --as: not with --compare-definitions\n  hint: that compares all dialects\n',
  ],
  [
    ['--as', 'vllm', '--all'],
    'error: --all: not with --as\n  hint: a dialect has the metrics that its tool has\n',
  ],
  [
    ['--compare-definitions', '--format', 'html'],
    'error: --format html: not with --compare-definitions\n  hint: formats are text, json, csv, markdown\n',
  ],
  [
    ['--compare-definitions', '--percentiles', '75'],
    'error: --percentiles: not with --compare-definitions\n  hint: give them with --as, for example --as vllm --percentiles 75\n',
  ],
])('%s is refused', async (flags, err) => {
  const refused = await analyze('report', golden, ...flags)
  expect({ ...refused, err: refused.err.replace(NOTE, '') }).toEqual({ code: 2, out: '', err })
})
