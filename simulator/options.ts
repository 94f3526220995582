import { parseArgs } from 'node:util'
import { FAULTS } from './faults.ts'

/** What the server imitates. Every time is in milliseconds, as people type it. */
export type Options = {
  host: string
  port: number
  model: string
  ttftMs: number
  itlMs: number
  /** Standard deviation of the time to first token, and of each gap. */
  ttftJitterMs: number
  itlJitterMs: number
  seed: number
  outputTokens: number
  apiKey: string | undefined
  maxModelLen: number
  maxNumSeqs: number
  lockstepMs: number
  fault: string | undefined
  faultRatio: number
  tokensPerMessage: number
  messagesPerWrite: number
  reasoningTokens: number
  roleChunk: 'empty' | 'null' | 'none'
  usageChunk: 'separate' | 'on-finish' | 'none'
  crlf: boolean
  bigEventBytes: number
  precise: boolean
  truth: string | undefined
  exitWithParent: boolean
}

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
  'max-model-len': ['0', 'answer 400 to longer contexts, in tokens; 0 is no limit'],
  'max-num-seqs': ['0', 'streams at once, others wait; 0 is no limit'],
  'lockstep-ms': ['0', 'all streams emit at the same engine steps of this length; 0 is off'],
  fault: ['', `what goes wrong: ${Object.keys(FAULTS).join(', ')}`],
  'fault-ratio': ['1', 'share of the requests that the fault befalls, 0 to 1'],
  'tokens-per-message': ['1', 'tokens in one SSE message'],
  'messages-per-write': ['1', 'SSE messages in one write'],
  'reasoning-tokens': ['0', 'the first tokens come as reasoning_content'],
  'role-chunk': ['empty', 'content of the role message: empty, null; or none'],
  'usage-chunk': ['separate', 'separate, on-finish or none'],
  'big-event-bytes': ['100000000', 'length of the big-event fault'],
  truth: ['', 'file for what really happened, JSON lines'],
} as const satisfies Record<string, readonly [string, string]>

const SWITCHES = {
  crlf: 'end lines with CR LF',
  precise: 'hold the schedule to microseconds by spinning: costs a core',
  'exit-with-parent': 'end when standard input ends',
  help: 'this text',
} as const

export const HELP = [
  'Usage: tokentape simulate [options]',
  '',
  'An OpenAI-shaped inference server with known timing. Prints {"port":…,"url":…} as its first line.',
  '',
  ...Object.entries(FLAGS).map(
    ([name, [value, doc]]) => `  --${name.padEnd(20)} ${doc}${value ? ` (default ${value})` : ''}`,
  ),
  ...Object.entries(SWITCHES).map(([name, doc]) => `  --${name.padEnd(20)} ${doc}`),
  '',
].join('\n')

/** A fault of the person at the terminal: message and hint. */
export class FlagError extends Error {
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** Reads the flags; 'help' where it was asked for. @throws FlagError */
export function optionsOf(argv: string[]): Options | 'help' {
  const known = {
    ...Object.fromEntries(Object.keys(FLAGS).map(name => [name, { type: 'string' as const }])),
    ...Object.fromEntries(Object.keys(SWITCHES).map(name => [name, { type: 'boolean' as const }])),
  }
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({ args: argv, options: known, strict: true }).values as never
  } catch (error) {
    throw new FlagError((error as Error).message.split('.')[0]!, 'see tokentape simulate --help')
  }
  if (values['help']) return 'help'
  const text = (name: keyof typeof FLAGS): string => String(values[name] ?? FLAGS[name][0])
  const number = (name: keyof typeof FLAGS): number => {
    const value = Number(text(name))
    if (text(name).trim() === '' || !Number.isFinite(value) || value < 0)
      throw new FlagError(
        `--${name}: "${text(name)}" is not a number of at least 0`,
        `for example --${name} ${FLAGS[name][0] || 10}`,
      )
    return value
  }
  const oneOf = <T extends string>(name: keyof typeof FLAGS, allowed: readonly T[]): T => {
    const value = allowed.find(each => each === text(name))
    if (value) return value
    throw new FlagError(`--${name}: no "${text(name)}"`, `choose from ${allowed.join(', ')}`)
  }
  return {
    host: text('host'),
    port: number('port'),
    model: text('model'),
    ttftMs: number('ttft-ms'),
    itlMs: number('itl-ms'),
    ttftJitterMs: number('ttft-jitter-ms'),
    itlJitterMs: number('itl-jitter-ms'),
    seed: number('seed'),
    outputTokens: number('output-tokens'),
    apiKey: text('api-key') || undefined,
    maxModelLen: number('max-model-len'),
    maxNumSeqs: number('max-num-seqs'),
    lockstepMs: number('lockstep-ms'),
    fault: text('fault') ? oneOf('fault', Object.keys(FAULTS)) : undefined,
    faultRatio: number('fault-ratio'),
    tokensPerMessage: Math.max(1, number('tokens-per-message')),
    messagesPerWrite: Math.max(1, number('messages-per-write')),
    reasoningTokens: number('reasoning-tokens'),
    roleChunk: oneOf('role-chunk', ['empty', 'null', 'none'] as const),
    usageChunk: oneOf('usage-chunk', ['separate', 'on-finish', 'none'] as const),
    crlf: values['crlf'] === true,
    bigEventBytes: number('big-event-bytes'),
    precise: values['precise'] === true,
    truth: text('truth') || undefined,
    exitWithParent: values['exit-with-parent'] === true,
  }
}
