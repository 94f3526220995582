import { ENGINE_FLAGS, ENGINE_SWITCHES } from './engine/flags.ts'
import { FAULTS } from './faults.ts'

/** The flags with a value: default and meaning. */
const FLAGS = {
  host: ['127.0.0.1', 'address to listen on'],
  port: ['8000', 'port to listen on; 0 takes a free one'],
  model: ['simulated', 'the model that /v1/models names'],
  'ttft-ms': ['50', 'time from a request to its first token'],
  'itl-ms': ['10', 'time between two messages'],
  'ttft-jitter-ms': ['0', 'standard deviation of the time to first token'],
  'itl-jitter-ms': ['0', 'standard deviation of each gap'],
  seed: ['0', 'the same seed gives the same times'],
  'output-tokens': ['100', 'answer length where the request sets no limit'],
  'api-key': ['', 'answer 401 to requests without this bearer key'],
  'max-model-len': ['0', 'answer 400 to longer contexts, in tokens; 0 is no limit (engine: 32768)'],
  'max-num-seqs': ['0', 'streams at once, others wait; 0 is no limit (engine: 256)'],
  'lockstep-ms': ['0', 'all streams emit at the same engine steps of this length; 0 is off'],
  fault: ['', `what goes wrong: ${Object.keys(FAULTS).join(', ')}`],
  'fault-ratio': ['1', 'share of the requests that the fault befalls, 0 to 1'],
  'tokens-per-message': ['1', 'tokens in one SSE message'],
  'messages-per-write': ['1', 'SSE messages in one write'],
  'reasoning-tokens': ['0', 'the first tokens come as reasoning_content'],
  'role-content': ['empty', 'content of the role message: empty, null; or none'],
  'usage-chunk': ['separate', 'separate, on-finish or none'],
  'big-event-bytes': ['100000000', 'length of the big-event fault'],
  truth: ['', 'file for what really happened, JSON lines'],
  replay: ['', 'a tape whose answers are given again, with their bytes and times'],
} as const satisfies Record<string, readonly [string, string]>

export const SWITCHES = {
  engine: 'behave like an inference engine: batching, KV cache, queue, pre-emption',
  'role-chunk': 'the role message in an HTTP chunk of its own, in one write with the first content',
  crlf: 'end lines with CR LF',
  precise: 'hold the schedule to microseconds by spinning: costs a core',
  'exit-with-parent': 'end when standard input ends',
  help: 'this text',
} as const

export const ALL_FLAGS = { ...FLAGS, ...ENGINE_FLAGS }
export type Flag = keyof typeof ALL_FLAGS

const flagLines = (flags: Record<string, readonly [string, string]>): string[] =>
  Object.entries(flags).map(
    ([name, [value, doc]]) => `  --${name.padEnd(26)} ${doc}${value ? ` (default ${value})` : ''}`,
  )
const switchLines = (switches: Record<string, string>): string[] =>
  Object.entries(switches).map(([name, doc]) => `  --${name.padEnd(26)} ${doc}`)

export const HELP = [
  'Usage: tokentape simulate [options]',
  '',
  'An OpenAI-shaped inference server with known timing. Prints {"port":…,"url":…} as its first line.',
  '',
  ...flagLines(FLAGS),
  ...switchLines(SWITCHES),
  '',
  'With --engine, for which the times above have no meaning:',
  '',
  ...flagLines(ENGINE_FLAGS),
  ...switchLines(ENGINE_SWITCHES),
  '',
].join('\n')

/** Flags whose times come from the engine where there is one. */
export const NOT_WITH_ENGINE = [
  'ttft-ms',
  'itl-ms',
  'ttft-jitter-ms',
  'itl-jitter-ms',
  'lockstep-ms',
  'tokens-per-message',
  'messages-per-write',
  'replay',
]
/** What a replay takes beside the tape: the rest of an answer is on it. */
export const WITH_REPLAY = [
  'replay',
  'host',
  'port',
  'model',
  'api-key',
  'truth',
  'precise',
  'exit-with-parent',
]
