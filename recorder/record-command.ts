import { Command, Option } from 'commander'
import { EXIT } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import type { StartTruthServer } from './calibrate-level.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import type { RecordFlags } from './record.ts'

const collect = (value: string, before: string[]): string[] => [...before, value]

/** Every flag that says what to send and how: shared by `record` and `profile`. */
export function addPlanOptions(command: Command): Command {
  return command
    .requiredOption('-m, --model <name>', 'the model to ask for')
    .option('-u, --url <url>', 'where the server is; may be given several times', collect, [])
    .addOption(
      new Option('--endpoint-type <name>', 'the wire format')
        .choices(Object.keys(ENDPOINTS))
        .default('chat'),
    )
    .option('--endpoint <path>', 'another path than the wire format has')
    .option('--streaming', 'ask for a stream of tokens; without it no token times exist')
    .option('--concurrency <n>', 'requests in flight at once (closed loop)', '1')
    .option('--request-count <n>', 'requests in all (default: twice the concurrency, at least 10)')
    .option('--isl <tokens>', 'input tokens of a prompt, exactly', '550')
    .option('--isl-stddev <tokens>', 'standard deviation of the input tokens', '0')
    .option('--osl <tokens>', 'limit of output tokens (default: none sent)')
    .option('--osl-stddev <tokens>', 'standard deviation of the output limit', '0')
    .option(
      '--extra-inputs <input>',
      'further fields of the body: key:value or a JSON object',
      collect,
      [],
    )
    .option('--use-legacy-max-tokens', 'send max_tokens instead of max_completion_tokens')
    .option('-H, --header <header>', 'a further request header, "Name: value"', collect, [])
    .option('--api-key <key>', 'bearer key; also from OPENAI_API_KEY; never written anywhere')
    .option('--tokenizer <name>', 'builtin, a directory, a tokenizer.json or a Hugging Face id')
    .option('--offline', 'never fetch a tokenizer')
    .option('--random-seed <n>', 'the same seed and options give the same requests', '0')
    .addOption(
      new Option('--keep <what>', 'raw: every byte; timing: no text, only times and lengths')
        .choices(['raw', 'timing'])
        .default('raw'),
    )
    .option('--keep-bodies', 'keep the request bodies too, not only their digests')
    .option('--request-timeout-seconds <s>', 'end a request that takes longer; 0 is never', '21600')
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
    .option('--benchmark-grace-period <s>', 'after a stop, wait this long for answers', '30')
    .option('-o, --output <tape>', 'the tape to write (default: a name under tapes/)')
    .option('--force', 'replace a tape that exists')
}

/** `record`: fires the load, writes a tape; with `--calibrate`, measures its own error too. */
export const recordCommand = (
  io: Io,
  exit: (code: number) => void,
  startServer: StartTruthServer,
): Command =>
  addPlanOptions(new Command('record'))
    .description('fire a load at an endpoint and record every read to a tape')
    .option('--calibrate', "afterwards measure the recorder's own error and keep it in the tape")
    .action(async (flags: RecordFlags & { calibrate?: boolean }, command: Command) => {
      // Loaded here, so that --help does not pay for the HTTP client, Arrow and the tokenizers.
      const { record } = await import('./record.ts')
      const { exitCode, tape } = await record(flags, argvOf(command), io)
      exit(exitCode)
      if (!flags.calibrate || exitCode !== EXIT.ok) return
      const { calibrateTape } = await import('./calibrate.ts')
      await calibrateTape(tape, flags, io, startServer)
    })

/** The words after the program's name, as they were typed. */
export const argvOf = (command: Command): string[] => {
  const root = command.parent as (Command & { rawArgs?: string[] }) | null
  return [...(root?.rawArgs ?? [])]
}
