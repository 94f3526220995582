import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { recordWords } from '../../recorder/argv.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'
import { UserError } from '../../schemas/errors.ts'

/** `profile`, with what tokentape.ts adds to the recorder's options. */
const profile = () =>
  addPlanOptions(new Command('profile'))
    .option('--goodput <slos>')
    .option('--slice-duration <s>')
    .option('--auto-plot')

const words = (text: string): string[] => text.trim().split(/\s+/)

/** Every option of shared/reference/aiperf.md, part 1.2, by its headings. */
const AIPERF: Record<string, string> = {
  endpoint: `-m --model-names --model --model-selection-strategy --custom-endpoint --endpoint --endpoint-type
    --streaming -u --url --url-strategy --request-timeout-seconds --wait-for-model-timeout --wait-for-model-mode
    --wait-for-model-interval --reset-kv-cache --reset-kv-cache-path --reset-kv-cache-timeout-seconds
    --server-profiler --server-profiler-start-path --server-profiler-stop-path --server-profiler-timeout-seconds
    --api-key --transport --transport-type --use-legacy-max-tokens --use-server-token-count --per-chunk-usage
    --connection-reuse-strategy --request-content-type --session-header --download-video-content --uuid-and-strip`,
  tokenizer: '--tokenizer --tokenizer-revision --tokenizer-trust-remote-code --apply-chat-template',
  input: `--extra-inputs -H --header --input-file --custom-dataset-type --public-dataset --hf-subset
    --hf-weka-dataset --dataset-filter --ignore-trace-delays --use-think-time-only --max-context-length
    --dataset-sampling-strategy --allow-dataset-wrap --trace-session-sample-ratio --random-seed -f --config
    --system-prompt --system-prompt-file`,
  schedule: `--fixed-schedule --no-fixed-schedule --fixed-schedule-auto-offset --fixed-schedule-start-offset
    --fixed-schedule-end-offset --goodput`,
  conversation: `--conversation-num --num-conversations --num-sessions --num-dataset-entries --num-prompts
    --conversation-turn-mean --session-turns-mean --conversation-turn-stddev --session-turns-stddev
    --conversation-turn-delay-mean --session-turn-delay-mean --conversation-turn-delay-stddev
    --session-turn-delay-stddev --conversation-turn-delay-ratio --session-delay-ratio
    --inter-turn-delay-cap-seconds --max-idle-gap-cap-seconds --replay-speedup --open-loop-replay
    --open-loop-strict --omit-kv-hints --force-min-tokens`,
  prompt: `--prompt-input-tokens-mean --synthetic-input-tokens-mean --isl --isl-stddev
    --prompt-input-tokens-stddev --synthetic-input-tokens-stddev --prompt-input-tokens-block-size
    --synthetic-input-tokens-block-size --isl-block-size --seq-dist --sequence-distribution --random-range-ratio
    --prompt-output-tokens-mean --output-tokens-mean --osl --osl-stddev --prompt-output-tokens-stddev
    --output-tokens-stddev -b --prompt-batch-size --batch-size-text --batch-size --prompt-corpus --cache-bust
    --prompt-prefix-pool-size --prefix-prompt-pool-size --num-prefix-prompts --prompt-prefix-length
    --prefix-prompt-length --shared-system-prompt-length --user-context-prompt-length`,
  media: `--audio-batch-size --audio-length-mean --audio-length-stddev --audio-format --audio-depths
    --audio-sample-rates --audio-num-channels --image-width-mean --image-width-stddev --image-height-mean
    --image-height-stddev --image-batch-size --image-format --image-source --image-source-sampling
    --video-batch-size --video-duration --video-fps --video-width --video-height --video-synth-type
    --video-format --video-codec --video-audio-sample-rate --video-audio-num-channels --video-audio-depth
    --rankings-passages-mean --rankings-passages-stddev --rankings-passages-prompt-token-mean
    --rankings-query-prompt-token-mean --synthesis-speedup-ratio --synthesis-prefix-len-multiplier
    --synthesis-prefix-root-multiplier --synthesis-prompt-len-multiplier --synthesis-output-len-multiplier
    --synthesis-max-isl --synthesis-max-osl`,
  load: `--concurrency --prefill-concurrency --request-rate --arrival-pattern --request-rate-mode
    --arrival-smoothness --vllm-burstiness --request-count --num-requests --benchmark-duration
    --benchmark-grace-period --concurrency-ramp-duration --prefill-concurrency-ramp-duration
    --request-rate-ramp-duration --request-rate-series --failed-request-threshold --user-centric-rate --num-users
    --request-cancellation-rate --request-cancellation-delay --trajectory-start-min-ratio
    --trajectory-start-max-ratio --burst-phase-starts --trace-idle-gap-cap-seconds
    --system-idle-gap-cap-seconds --scenario --unsafe-override --request-concurrency`,
  'warm-up': `--warmup-request-count --num-warmup-requests --warmup-duration --num-warmup-sessions
    --warmup-concurrency --warmup-prefill-concurrency --warmup-request-rate --warmup-arrival-pattern
    --warmup-grace-period --warmup-concurrency-ramp-duration --warmup-prefill-concurrency-ramp-duration
    --warmup-request-rate-ramp-duration --agentic-cache-warmup-duration --agentic-warmup-grace-period`,
  output: `--output-artifact-dir --artifact-dir --profile-export-prefix --profile-export-file --export-level
    --profile-export-level --slice-duration --export-outputs-json --export-http-trace --show-trace-timing
    --auto-plot --plot-required --otel-url --stream --otel-resource-attributes --gen-ai-provider
    --mlflow-tracking-uri --mlflow-experiment --mlflow-run-name --mlflow-tag --mlflow-parent-run-id
    --mlflow-artifact-glob --wandb-project --wandb-entity --wandb-run-name --wandb-tag --server-metrics
    --no-server-metrics --server-metrics-formats --gpu-telemetry --no-gpu-telemetry
    --network-latency-automatic --network-latency-mean --network-latency-ping-interval --ui-type --ui`,
  'runs and sweeps': `--num-profile-runs --profile-run-cooldown-seconds --confidence-level
    --profile-run-disable-warmup-after-first --set-consistent-seed --vary-seed-per-trial --convergence-metric
    --convergence-stat --convergence-threshold --convergence-mode --parameter-sweep-mode
    --parameter-sweep-cooldown-seconds --parameter-sweep-same-seed --sweep-type --no-sweep-table --variant
    --sweep-variant --search-space --search-metric --search-stat --search-direction --search-max-iterations
    --search-initial-points --search-random-seed --search-planner --optuna-sampler --optuna-acquisition
    --optuna-terminator --search-percentile-pooling --bo-constraint-mode --search-sla --search-sla-tier
    --search-recipe --search-style --ttft-sla-ms --itl-sla-ms --tpot-sla-ms --e2e-sla-ms --error-rate-sla
    --slo-attainment-fraction --isl-osl-pairs --degradation-threshold --degradation-metric-tag
    --degradation-stat --isl-min --isl-max --isl-steps --concurrency-min --concurrency-max --concurrency-steps
    --osl-min --osl-max --osl-steps`,
  service: `--accuracy-benchmark --accuracy-tasks --accuracy-n-shots --accuracy-enable-cot
    --accuracy-no-enable-cot --accuracy-grader --accuracy-system-prompt --accuracy-verbose --log-level -v -vv
    --record-processor-service-count --record-processors --api-port --api-host --stats-interval --workers-max
    --max-workers --zmq-host --zmq-ipc-path --zmq-dual-bind`,
}

const OTHERS: Record<string, string> = {
  'vllm bench serve': `--backend --base-url --host --port --endpoint --dataset-name --dataset-path --max-concurrency
    --model --tokenizer --num-prompts --random-input-len --random-output-len --random-range-ratio
    --random-prefix-len --sharegpt-output-len --request-rate --burstiness --seed --ignore-eos --goodput
    --percentile-metrics --metric-percentiles --save-result --save-detailed --append-result --result-dir
    --result-filename --ramp-up-strategy --ramp-up-start-rps --ramp-up-end-rps --served-model-name
    --lora-modules --temperature --top-p --top-k --min-p --logprobs --disable-tqdm --profile
    --trust-remote-code --tokenizer-mode --num-warmups --extra-body --header --label --metadata
    --ready-check-timeout-sec --skip-chat-template`,
  'guidellm benchmark': `--target --rate-type --rate --max-requests --max-seconds --data --data-args --processor
    --processor-args --backend-type --backend-args --backend-kwargs --warmup-percent --cooldown-percent
    --max-errors --max-error-rate --output-path --output-dir --outputs --random-seed --request-type
    --sample-requests --model --rampup`,
}

/** What becomes of a word: one of our options, or an error that says what to type. */
function fate(word: string): 'ours' | 'refused' | 'unknown' {
  const command = profile()
  try {
    const [ours] = recordWords([word, '1'], command)
    const found = command.options.some(({ long, short }) => ours === long || ours === short)
    return found ? 'ours' : 'unknown'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    // A file of settings named "1" is not there: the option itself is known.
    if (error.message.startsWith('--config:')) return 'ours'
    expect(error.message).toMatch(/^--?[a-z0-9-]+: an option of .* that tokentape does not have$/)
    expect(error.message.startsWith(`${word}: `)).toBe(true)
    expect(error.hint.length).toBeGreaterThan(8)
    return 'refused'
  }
}

describe.each(Object.entries({ ...AIPERF, ...OTHERS }))('%s', (_, names) => {
  test('every option is ours, or refused with what to type instead', () => {
    expect(words(names).filter(word => fate(word) === 'unknown')).toEqual([])
  })
})

/** shared/reference/aiperf.md: the options most used. */
const MOST_USED = `-m --model --url --endpoint-type --streaming --endpoint --tokenizer --concurrency --request-rate
  --arrival-pattern --arrival-smoothness --request-count --num-sessions --benchmark-duration
  --benchmark-grace-period --warmup-request-count --isl --isl-stddev --osl --osl-stddev --seq-dist --input-file
  --custom-dataset-type --public-dataset --fixed-schedule --goodput --slice-duration
  --request-cancellation-rate --request-cancellation-delay --extra-inputs --header --random-seed --artifact-dir
  --num-profile-runs --user-centric-rate --num-users --prefill-concurrency --use-legacy-max-tokens`

test('what is most used is ours', () => {
  expect(words(MOST_USED).filter(word => fate(word) !== 'ours')).toEqual([])
})

test('a hint names options and verbs that there are', async () => {
  const known = profile().options.map(({ long }) => long)
  const { AIPERF: a, VLLM: v, GUIDELLM: g } = await import('../../recorder/other-tools.ts')
  const elsewhere = ['--help', '--use-server-token-count', '--retry']
  for (const [, instead] of [...a, ...v, ...g])
    for (const [name] of instead.matchAll(/--[a-z][a-z-]+/g))
      expect([...known, ...elsewhere]).toContain(name)
})
