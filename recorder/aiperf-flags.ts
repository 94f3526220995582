import { UserError } from '../schemas/errors.ts'

/** AIPerf's other names for flags that we have (shared/reference/aiperf.md, part 1). */
export const ALIASES: Record<string, string> = {
  '--model-names': '--model',
  '--custom-endpoint': '--endpoint',
  '--num-requests': '--request-count',
  '--conversation-num': '--num-sessions',
  '--num-conversations': '--num-sessions',
  '--request-rate-mode': '--arrival-pattern',
  '--vllm-burstiness': '--arrival-smoothness',
  '--num-warmup-requests': '--warmup-request-count',
  '--num-warmup-request': '--warmup-request-count',
  '--output-artifact-dir': '--artifact-dir',
  '--profile-run-cooldown-seconds': '--cooldown-seconds',
  '--parameter-sweep-cooldown-seconds': '--cooldown-seconds',
}

/** AIPerf's options that we do not have, and what to use instead. */
const INSTEAD: Record<string, string> = {
  '--ui': 'progress goes to standard error; redirect it with 2>/dev/null',
  '--ui-type': 'progress goes to standard error; redirect it with 2>/dev/null',
  '--export-level': 'the tape holds every record: leave it out',
  '--profile-export-level': 'the tape holds every record: leave it out',
  '--profile-export-prefix': 'name the tape with --output',
  '--profile-export-file': 'name the tape with --output',
  '--workers-max': 'use --lanes',
  '--max-workers': 'use --lanes',
  '--record-processor-service-count': 'nothing is processed while recording: leave it out',
  '--record-processors': 'nothing is processed while recording: leave it out',
  '--use-server-token-count':
    'ask for it when you analyse: tokentape report TAPE --use-server-token-count',
  '--num-profile-runs': 'use --repeat',
  '--confidence-level': 'record with --repeat, and compare the tapes',
  '--gpu-telemetry': 'tokentape measures at the client; scrape the GPUs beside it',
  '--no-gpu-telemetry': 'tokentape never scrapes the GPUs: leave it out',
  '--no-server-metrics': 'only what --server-metrics names is scraped: leave it out',
  '--wait-for-model-timeout': 'wait for GET /health of the server before you start',
  '--public-dataset': 'fetch the file yourself and name it with --input-file',
  '--search-space': 'record a sweep with --concurrency 10,50,100 and compare the tapes',
  '--search-recipe': 'record a sweep with --concurrency 10,50,100 and compare the tapes',
  '--zmq-host': 'tokentape has no services of its own: leave it out',
  '--log-level': 'leave it out',
  '--verbose': 'leave it out',
}

/** The command line in our own names. @throws UserError for an option of AIPerf's that we do not have */
export function inOurNames(argv: readonly string[], aliases: Record<string, string>): string[] {
  return argv.map(word => {
    const [name = '', ...value] = word.split('=')
    if (!name.startsWith('--')) return word
    const instead = INSTEAD[name]
    if (instead)
      throw new UserError(`${name}: an option of AIPerf that tokentape does not have`, instead)
    const ours = aliases[name] ?? ALIASES[name]
    return ours ? [ours, ...value].join('=') : word
  })
}
