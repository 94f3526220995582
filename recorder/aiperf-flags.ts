import { UserError } from '../schemas/errors.ts'
import { AIPERF, GUIDELLM, VLLM } from './other-tools.ts'

/** AIPerf's other names for flags that we have (shared/reference/aiperf.md, part 1). */
const ALIASES: Record<string, string> = {
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
  '--num-profile-runs': '--repeat',
  '--synthesis-speedup-ratio': '--speedup',
  '--replay-speedup': '--speedup',
  '--profile-run-cooldown-seconds': '--cooldown-seconds',
  '--parameter-sweep-cooldown-seconds': '--cooldown-seconds',
}

/** Names that `vllm bench serve` and `guidellm benchmark` have for flags that we have. */
const OTHERS: Record<string, string> = {
  '--base-url': '--url',
  '--target': '--url',
  '--max-concurrency': '--concurrency',
  '--random-input-len': '--isl',
  '--random-output-len': '--osl',
  '--dataset-path': '--input-file',
  '--num-warmups': '--warmup-request-count',
  '--max-requests': '--request-count',
  '--max-seconds': '--benchmark-duration',
  '--processor': '--tokenizer',
  '--seed': '--random-seed',
  '--extra-body': '--extra-inputs',
}

const TABLES = [
  ['AIPerf', AIPERF],
  ['vllm bench serve', VLLM],
  ['guidellm', GUIDELLM],
] as const

/** Refuses an option of another tool that we do not have. */
function refuseForeign(name: string): void {
  for (const [tool, table] of TABLES)
    for (const [names, instead] of table)
      if (names.test(name))
        throw new UserError(`${name}: an option of ${tool} that tokentape does not have`, instead)
}

/**
 * The command line in our own names.
 *
 * @param own  the options that the command has
 * @throws UserError for an option of another tool that we do not have, with what to type instead
 */
export function inOurNames(
  argv: readonly string[],
  aliases: Record<string, string>,
  own: readonly string[],
): string[] {
  return argv.map(word => {
    const [name = '', ...value] = word.split('=')
    if (!name.startsWith('-') || own.includes(name)) return word
    const ours = aliases[name] ?? ALIASES[name] ?? OTHERS[name]
    if (ours) return [ours, ...value].join('=')
    refuseForeign(name)
    return word
  })
}
