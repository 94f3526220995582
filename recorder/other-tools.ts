/** Options of other tools that we do not have, and what to type instead: by name, or by a pattern of names. */
export type Instead = [names: RegExp, instead: string]

const LEAVE = 'leave it out'
const SCRAPE =
  'GPUs are not scraped, unless their exporter is named with --server-metrics URL: leave it out'
const SWEEP =
  'record a sweep, for example --concurrency 10,50,100, and compare the tapes with tokentape pareto'
const TAPE = 'the tape holds every record: leave it out, and see tokentape export --help'
const TRACE = 'change the file beforehand: tokentape trace --help'
const MEDIA =
  'tokentape makes text alone: send bodies of your own, --input-file FILE --custom-dataset-type raw_payload'
const READY = 'wait for the server before you start, for example with curl --retry'
const FETCH = 'fetch the file yourself and name it with --input-file'
const UPLOAD = 'upload afterwards: tokentape export --help lists what others read'
const AFTER = 'ask the tape afterwards: tokentape report --help'

/** AIPerf's (shared/reference/aiperf.md, part 1). */
export const AIPERF: Instead[] = [
  [/^--(model-selection-strategy)$/, 'several models, --model a,b, are asked for in turn: leave it out'],
  [/^--url-strategy$/, 'several --url are used in turn: leave it out'],
  [/^--wait-for-model-/, READY],
  [/^--reset-kv-cache/, 'every run has prompts of its own, which no cache knows: leave it out'],
  [/^--server-profiler/, 'start the profiler of the server beside the run'],
  [/^--transport(-type)?$/, 'tokentape speaks HTTP: leave it out'],
  [/^--(use-server-token-count)$/, 'ask for it when you analyse: tokentape report TAPE --use-server-token-count'],
  [/^--per-chunk-usage$/, `--extra-inputs '{"stream_options": {"include_usage": true, "continuous_usage_stats": true}}'`],
  [/^--request-content-type$/, 'bodies are JSON: leave it out'],
  [/^--session-header$/, 'each request has an X-Request-ID; further headers are -H "Name: value"'],
  [/^--(download-video-content|uuid-and-strip)$/, MEDIA],
  [/^--tokenizer-(revision|trust-remote-code)$/, 'name a directory or tokenizer.json of that revision with --tokenizer'],
  [/^--apply-chat-template$/, 'input tokens are those of the bare text; the server counts its own: tokentape report TAPE --use-server-token-count'],
  [/^--(hf-subset|hf-weka-dataset|dataset-filter)$/, FETCH],
  [/^--ignore-trace-delays$/, 'use --session-delay-ratio 0'],
  [/^--use-think-time-only$/, TRACE],
  [/^--allow-dataset-wrap$/, 'a file that is over begins again by itself: leave it out'],
  [/^--trace-session-sample-ratio$/, 'take a part beforehand: tokentape trace sample --help'],
  [/^--system-prompt(-file)?$/, 'use --shared-system-prompt-length, or write it into a --custom-dataset-type multi_turn file'],
  [/^--(inter-turn-delay-cap-seconds|max-idle-gap-cap-seconds|(trace|system)-idle-gap-cap-seconds)$/, TRACE],
  [/^--(open-loop-replay|open-loop-strict)$/, 'use --fixed-schedule or --no-fixed-schedule'],
  [/^--omit-kv-hints$/, 'none are sent: leave it out'],
  [/^--force-min-tokens$/, 'use --force-osl'],
  [/^--(audio|image|video)-/, MEDIA],
  [/^--rankings-/, 'the first text of a request is the query: --batch-size N for N-1 passages, --isl for their lengths'],
  [/^--synthesis-/, 'change the trace beforehand: tokentape trace scale --help'],
  [/^--(trajectory-start-(min|max)-ratio|burst-phase-starts|agentic-.*)$/, 'use --user-centric-rate and --num-users, whose users begin in the middle of their lives'],
  [/^--(scenario|unsafe-override)$/, 'write the flags down once, in a --config file'],
  [/^--request-concurrency$/, 'use --concurrency, which bounds sessions; with one turn each they are requests'],
  [/^--warmup-.*ramp-duration$/, 'a warm-up begins at once: leave it out'],
  [/^--profile-export-(prefix|file)$/, 'name the tape with --output'],
  [/^--(profile-)?export-level$/, TAPE],
  [/^--(export-outputs-json|export-http-trace|show-trace-timing)$/, TAPE],
  [/^--plot-required$/, 'use --auto-plot'],
  [/^--stream$/, 'for a stream of tokens it is --streaming; live metrics are not sent anywhere'],
  [/^--(otel-.*|gen-ai-provider)$/, UPLOAD],
  [/^--(mlflow|wandb)-/, UPLOAD],
  [/^--(no-)?server-metrics(-formats)?$/, 'only what --server-metrics URL names is scraped, as text: leave it out'],
  [/^--(no-)?gpu-telemetry$/, SCRAPE],
  [/^--network-latency-/, 'measure it beside, for example with ping; what the recorder adds itself: tokentape calibrate'],
  [/^--ui(-type)?$/, 'progress goes to standard error: redirect it with 2>/dev/null'],
  [/^--confidence-level$/, 'record with --repeat, and compare the tapes with tokentape diff'],
  [/^--profile-run-disable-warmup-after-first$/, 'each run has its warm-up: leave it out'],
  [/^--(set-consistent-seed|parameter-sweep-same-seed)$/, 'every run is of one load: leave it out; for the same words too, --same-prompts'],
  [/^--vary-seed-per-trial$/, 'every run has prompts of its own; for other lengths and times too, run the command once for each --random-seed'],
  [/^--convergence-/, 'record with --repeat, and ask tokentape diff whether that was enough'],
  [/^--(parameter-sweep-mode|sweep-type|no-sweep-table|variant|sweep-variant)$/, SWEEP],
  [/^--(search-|optuna-|bo-constraint-mode)/, SWEEP],
  [/^--((ttft|itl|tpot|e2e)-sla-ms|error-rate-sla|slo-attainment-fraction)$/, 'use --goodput "time_to_first_token:370", or tokentape check for a gate'],
  [/^--isl-osl-pairs$/, 'use --seq-dist "ISL,OSL:percent;…"'],
  [/^--degradation-/, SWEEP],
  [/^--(isl|osl|concurrency)-(min|max|steps)$/, SWEEP],
  [/^--accuracy-/, 'tokentape judges times, not answers: they are in the tape, tokentape sql --help'],
  [/^--log-level$|^--verbose$|^-vv?$/, LEAVE],
  [/^--record-processor(s|-service-count)$/, 'nothing is processed while recording: leave it out'],
  [/^--api-(port|host)$/, LEAVE],
  [/^--stats-interval$/, LEAVE],
  [/^--(workers-max|max-workers)$/, 'use --lanes'],
  [/^--zmq-/, 'tokentape has no services of its own: leave it out'],
] // biome-ignore format: one row each

/** Those of `vllm bench serve`. */
export const VLLM: Instead[] = [
  [/^--backend$/, 'use --endpoint-type chat, completions, …, and --streaming'],
  [/^--(host|port)$/, 'use --url http://HOST:PORT'],
  [/^--dataset-name$/, 'made-up prompts are the default; a file is --input-file with --custom-dataset-type'],
  [/^--random-prefix-len$/, 'use --prompt-prefix-pool-size 1 --prompt-prefix-length N'],
  [/^--random-batch-size$/, 'use --batch-size'],
  [/^--(sharegpt|sonnet|custom|hf)-output-len$/, 'use --osl'],
  [/^--(sonnet-(input|prefix)-len|hf-(name|split|subset))$/, FETCH],
  [/^--burstiness$/, 'use --arrival-pattern gamma --arrival-smoothness K'],
  [/^--ignore-eos$/, 'use --force-osl'],
  [/^--(temperature|top-p|top-k|min-p|frequency-penalty|presence-penalty|repetition-penalty|logprobs|use-beam-search)$/, 'use --extra-inputs, for example --extra-inputs temperature:0'],
  [/^--(percentile-metrics|metric-percentiles)$/, 'ask the tape afterwards: tokentape percentiles --help'],
  [/^--(save-result|save-detailed|append-result|result-dir|result-filename)$/, TAPE],
  [/^--ramp-up-(strategy|start-rps|end-rps)$/, "use --request-rate-series, for example '[[0, 1], [60, 20]]'"],
  [/^--(served-model-name|lora-modules)$/, 'use --model, several as --model a,b'],
  [/^--(trust-remote-code|tokenizer-mode)$/, 'name a directory or tokenizer.json with --tokenizer'],
  [/^--(disable-tqdm|label|metadata|skip-chat-template|request-id-prefix|no-oversample)$/, LEAVE],
  [/^--profile$/, 'start the profiler of the server beside the run'],
  [/^--ready-check-timeout-sec$/, READY],
] // biome-ignore format: one row each

/** Those of `guidellm benchmark`. */
export const GUIDELLM: Instead[] = [
  [/^--(rate-type|rate)$/, 'use --concurrency N, --request-rate R, or a list of either for a sweep'],
  [/^--(data|data-args|data-samples|data-sampler)$/, 'use --isl and --osl, or --input-file'],
  [/^--(backend-type|backend-args|backend-kwargs|request-type|request-format)$/, 'use --endpoint-type and --extra-inputs'],
  [/^--(warmup|warmup-percent)$/, 'use --warmup-request-count, or ask the steady part of the tape: tokentape report --help'],
  [/^--(cooldown|cooldown-percent)$/, AFTER],
  [/^--(max-errors|max-error-rate|max-global-error-rate)$/, 'use --failed-request-threshold SHARE'],
  [/^--(output-path|output-dir|outputs|output-formats|sample-requests)$/, TAPE],
  [/^--(rampup|rampup-duration)$/, 'use --concurrency-ramp-duration or --request-rate-ramp-duration'],
  [/^--(processor-args|detect-saturation|disable-console.*)$/, LEAVE],
] // biome-ignore format: one row each
