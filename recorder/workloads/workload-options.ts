import { type Command, Option } from 'commander'
import { CACHE_BUSTS, DATASET_TYPES, SAMPLINGS } from './workload-plan.ts'

/** AIPerf's other names of an option, and ours for it. */
export const WORKLOAD_ALIASES: Record<string, string> = {
  '--prompt-input-tokens-mean': '--isl',
  '--synthetic-input-tokens-mean': '--isl',
  '--prompt-input-tokens-stddev': '--isl-stddev',
  '--synthetic-input-tokens-stddev': '--isl-stddev',
  '--prompt-input-tokens-block-size': '--isl-block-size',
  '--synthetic-input-tokens-block-size': '--isl-block-size',
  '--prompt-output-tokens-mean': '--osl',
  '--output-tokens-mean': '--osl',
  '--prompt-output-tokens-stddev': '--osl-stddev',
  '--output-tokens-stddev': '--osl-stddev',
  '--sequence-distribution': '--seq-dist',
  '--num-prompts': '--num-dataset-entries',
  '--num-prefix-prompts': '--prompt-prefix-pool-size',
  '--prefix-prompt-pool-size': '--prompt-prefix-pool-size',
  '--prefix-prompt-length': '--prompt-prefix-length',
  '--conversation-turn-mean': '--session-turns-mean',
  '--conversation-turn-stddev': '--session-turns-stddev',
  '--conversation-turn-delay-mean': '--session-turn-delay-mean',
  '--conversation-turn-delay-stddev': '--session-turn-delay-stddev',
  '--conversation-turn-delay-ratio': '--session-delay-ratio',
  '--batch-size-text': '--batch-size',
  '--prompt-batch-size': '--batch-size',
}

/** Arguments with every alias replaced by the name that commander knows, `--alias=value` too. */
export const withoutAliases = (argv: string[], aliases: Record<string, string>): string[] =>
  argv.map(word => {
    const [name, ...value] = word.split('=')
    const canonical = Object.hasOwn(aliases, name!) ? aliases[name!] : undefined
    return canonical ? [canonical, ...value].join('=') : word
  })

/** Every option that says what is sent. Defaults are the plan's, so that it can tell what was given. */
export function addWorkloadOptions(command: Command): Command {
  return command
    .option('--isl <tokens>', 'input tokens of a prompt, exactly (default: 550)')
    .option('--isl-stddev <tokens>', 'standard deviation of the input tokens')
    .option('--osl <tokens>', 'limit of output tokens (default: none sent)')
    .option('--osl-stddev <tokens>', 'standard deviation of the output limit')
    .option('--seq-dist <pairs>', 'a mix of lengths, ISL[|sd],OSL[|sd]:percent;…')
    .option(
      '--random-range-ratio <r>',
      "lengths uniform from (1-r) to (1+r) times --isl and --osl, as vLLM's",
    )
    .option('--num-dataset-entries <n>', 'different prompts (default: every one is new)')
    .option('--prompt-prefix-pool-size <n>', 'prefixes, one of which begins each prompt')
    .option('--prompt-prefix-length <tokens>', 'tokens of a prefix, beside --isl')
    .option('--shared-system-prompt-length <tokens>', 'tokens of a system prompt, the same for all')
    .option('--user-context-prompt-length <tokens>', "tokens in front of a session's first prompt")
    .option('--session-turns-mean <n>', 'turns of a session (default: 1)')
    .option('--session-turns-stddev <n>', 'standard deviation of the turns')
    .option('--session-turn-delay-mean <ms>', 'wait between an answer and the next turn')
    .option('--session-turn-delay-stddev <ms>', 'standard deviation of that wait')
    .option('--session-delay-ratio <factor>', "multiplies every wait, a file's too (default: 1)")
    .option('-b, --batch-size <n>', 'texts of one request, for endpoints that take several')
    .option('--input-file <path>', 'prompts from a file instead')
    .addOption(
      new Option('--custom-dataset-type <type>', 'what its rows are (default: looked at)').choices(
        DATASET_TYPES,
      ),
    )
    .option('--public-dataset <name>', 'sharegpt, from a file here: with --input-file')
    .addOption(
      new Option('--sharegpt-turns <which>', 'turns of a ShareGPT conversation that are sent')
        .choices(['first', 'all'])
        .default('first'),
    )
    .option('--prompt-corpus <file>', 'cut prompts from this natural text, instead of random words')
    .addOption(
      new Option('--cache-bust <where>', 'put a mark that no other session has there').choices(
        CACHE_BUSTS,
      ),
    )
    .addOption(
      new Option(
        '--dataset-sampling-strategy <how>',
        'order of the entries (default: sequential for a file, shuffle for made-up ones)',
      ).choices(SAMPLINGS),
    )
    .option('--max-context-length <tokens>', 'stop a conversation before it is longer')
    .option('--skip-bad-rows', 'leave out broken rows, and say how many')
    .option(
      '--isl-block-size <tokens>',
      'tokens of a block of hash_ids (default: 512, or what the type of file has)',
    )
}
