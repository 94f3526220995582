import { type Command, Option } from 'commander'
import { ENDPOINTS } from './endpoints/index.ts'
import { addLoadOptions } from './load-options.ts'
import { addWorkloadOptions } from './workloads/workload-options.ts'

const collect = (value: string, before: string[]): string[] => [...before, value]

/** Every flag that says what to send and how: shared by `record` and `profile`. */
export function addPlanOptions(command: Command): Command {
  return addWorkloadOptions(addLoadOptions(command))
    .requiredOption('-m, --model <name>', 'the model to ask for')
    .addOption(
      new Option('-u, --url <url>', 'where the server is; may be given several times')
        .argParser(collect)
        .default([], 'http://localhost:8000'),
    )
    .addOption(
      new Option('--endpoint-type <name>', 'the wire format')
        .choices(Object.keys(ENDPOINTS))
        .default('chat'),
    )
    .option('--endpoint <path>', 'another path than the wire format has')
    .option('--streaming', 'ask for a stream of tokens; without it no token times exist')
    .addOption(
      new Option('--extra-inputs <input>', 'further fields of the body: key:value or a JSON object')
        .argParser(collect)
        .default([], 'none'),
    )
    .option(
      '--template-file <json>',
      'the body of the template endpoint, with {{text}} and the like',
    )
    .option('--force-osl', 'ask the server to go on until the limit: ignore_eos and min_tokens')
    .addOption(
      new Option('--connection-reuse-strategy <name>', 'which connection a request takes')
        .choices(['pooled', 'never', 'sticky-user-sessions'])
        .default('pooled'),
    )
    .addOption(
      new Option('--http-client <name>', 'who reads HTTP: our reader over onread, or undici')
        .choices(['onread', 'undici'])
        .default('onread'),
    )
    .option('--request-cancellation-rate <percent>', 'give up this share of the requests', '0')
    .option('--request-cancellation-delay <s>', 'so long after they were fully sent', '0')
    .option('--failed-request-threshold <share>', 'give the run up when more than this share fails')
    .option('--use-legacy-max-tokens', 'send max_tokens instead of max_completion_tokens')
    .addOption(
      new Option('-H, --header <header>', 'a further request header, "Name: value"')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--api-key <key>', 'bearer key; also from OPENAI_API_KEY; never written anywhere')
    .option('--tokenizer <name>', 'builtin, a directory, a tokenizer.json or a Hugging Face id')
    .option('--offline', 'never fetch a tokenizer')
    .option(
      '--random-seed <n>',
      'the same seed and options give the same requests (default: drawn and printed)',
    )
    .option(
      '--same-prompts',
      'send the prompts of the first run in every run (default: each has prompts of its own)',
    )
    .addOption(
      new Option('--keep <what>', 'raw: every byte; timing: no text, only times and lengths')
        .choices(['raw', 'timing'])
        .default('raw'),
    )
    .option('--keep-bodies', 'keep the request bodies too, not only their digests')
    .addOption(
      new Option(
        '--keep-header <name>',
        'keep this response header too; may be given several times',
      )
        .argParser(collect)
        .default([], 'what servers say of their times and limits'),
    )
    .option('--connect-timeout-seconds <s>', 'give a connection up that is not open by then', '10')
    .option('--request-timeout-seconds <s>', 'end a request that takes longer; 0 is never', '600')
    .option(
      '--read-timeout-seconds <s>',
      'end a request that brings nothing for so long; 0 is never',
      '0',
    )
    .option('--lanes <n>', 'sender threads (default: from the load and the cores)')
    .option('--shard <i/n>', 'record part i of n of the plan; others record the rest')
    .option('--run-id <name>', "the run's name; the shards of one run share it")
    .option('--cacert <file>', 'further certificate authorities, PEM')
    .option('--insecure', "do not check the server's certificate")
    .option('--fsync-ms <ms>', 'wait for the disk this often; 0 is never', '1000')
    .option(
      '--server-metrics <url...>',
      "fetch the server's Prometheus pages too and keep them on the tape",
    )
    .option('--server-metrics-interval-seconds <s>', 'how often they are fetched', '1')
    .option('-o, --output <tape>', 'the tape to write (default: a name under tapes/)')
    .option('--force', 'replace a tape that exists')
    .option('--artifact-dir <folder>', 'the folder to write to; the tape in it is profile.tape')
    .option(
      '--no-preflight',
      'leave out the one request that asks, before the run, whether it can succeed',
    )
    .option('--repeat <n>', 'record the same load so often, one tape each', '1')
    .option('--ab', 'two --url: a run for each, in the order A B, B A, A B …')
    .option('--cooldown-seconds <s>', 'wait between the runs of a sweep or a repetition', '0')
    .option('--dry-run', 'print the plan, and send nothing')
    .option('-f, --config <file>', 'YAML with settings named as these flags; flags win')
}
