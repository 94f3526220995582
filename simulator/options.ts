import { parseArgs } from 'node:util'
import {
  ENGINE_FLAGS,
  ENGINE_LIMITS,
  ENGINE_SWITCHES,
  type EngineFlag,
  type EngineOptions,
  engineOptionsOf,
  engineProblem,
  WHOLE,
} from './engine/flags.ts'
import { FAULTS } from './faults.ts'
import { ALL_FLAGS, type Flag, NOT_WITH_ENGINE, SWITCHES, WITH_REPLAY } from './flags.ts'

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
  roleContent: 'empty' | 'null' | 'none'
  /** The role message is an HTTP chunk of its own, written together with the first content. */
  roleChunk: boolean
  usageChunk: 'separate' | 'on-finish' | 'none'
  crlf: boolean
  bigEventBytes: number
  precise: boolean
  truth: string | undefined
  exitWithParent: boolean
  /** Times come from a model of an engine. */
  engine: EngineOptions | undefined
  /** A tape whose answers are given again. */
  replay: string | undefined
}

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
    ...Object.fromEntries(Object.keys(ALL_FLAGS).map(name => [name, { type: 'string' as const }])),
    ...Object.fromEntries(
      Object.keys({ ...SWITCHES, ...ENGINE_SWITCHES }).map(name => [
        name,
        { type: 'boolean' as const },
      ]),
    ),
  }
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({ args: argv, options: known, strict: true }).values as never
  } catch (error) {
    throw new FlagError((error as Error).message.split('.')[0]!, 'see tokentape simulate --help')
  }
  if (values['help']) return 'help'
  refuseMixtures(values)
  const isEngine = values['engine'] === true
  const defaults = isEngine ? ENGINE_LIMITS : {}
  const text = (name: Flag): string =>
    String(values[name] ?? (defaults as Record<string, number>)[name] ?? ALL_FLAGS[name][0])
  const number = (name: Flag): number => {
    const value = Number(text(name))
    if (text(name).trim() === '' || !Number.isFinite(value) || value < 0)
      throw new FlagError(
        `--${name}: "${text(name)}" is not a number of at least 0`,
        `for example --${name} ${ALL_FLAGS[name][0] || 10}`,
      )
    return value
  }
  const oneOf = <T extends string>(name: Flag, allowed: readonly T[]): T => {
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
    roleContent: oneOf('role-content', ['empty', 'null', 'none'] as const),
    roleChunk: values['role-chunk'] === true,
    usageChunk: oneOf('usage-chunk', ['separate', 'on-finish', 'none'] as const),
    crlf: values['crlf'] === true,
    bigEventBytes: number('big-event-bytes'),
    precise: values['precise'] === true,
    truth: text('truth') || undefined,
    exitWithParent: values['exit-with-parent'] === true,
    engine: isEngine ? engineOf(number, text, values) : undefined,
    replay: text('replay') || undefined,
  }
}

function engineOf(
  number: (name: EngineFlag | 'max-model-len' | 'max-num-seqs') => number,
  text: (name: Flag) => string,
  values: Record<string, string | boolean | undefined>,
): EngineOptions {
  for (const name of WHOLE)
    if (!Number.isInteger(number(name)) || number(name) < 1)
      throw new FlagError(
        `--${name}: "${text(name)}" is not a whole number of at least 1`,
        `leave it out for ${(ENGINE_LIMITS as Record<string, number>)[name] ?? ALL_FLAGS[name][0]}`,
      )
  const prefixCaching = values['no-enable-prefix-caching'] !== true
  const engine = engineOptionsOf(number, text('tokenizer'), prefixCaching)
  const problem = engineProblem(engine)
  if (problem) throw new FlagError(...problem)
  return engine
}

/** Flags that would say nothing are refused, not passed over. */
function refuseMixtures(values: Record<string, unknown>): void {
  const given = Object.keys(values)
  if (values['role-chunk'] === true && values['role-content'] === 'none')
    throw new FlagError(
      '--role-chunk: there is no role message with --role-content none',
      'leave one of them out',
    )
  if (given.includes('engine')) {
    const meaningless = given.find(name => NOT_WITH_ENGINE.includes(name))
    if (meaningless)
      throw new FlagError(
        `--${meaningless}: the engine does not take it`,
        'leave it or --engine out; see tokentape simulate --help',
      )
  } else {
    const alone = given.find(name => name in ENGINE_FLAGS || name in ENGINE_SWITCHES)
    if (alone) throw new FlagError(`--${alone}: only with --engine`, 'add --engine')
  }
  const unreplayed = given.find(name => !WITH_REPLAY.includes(name))
  if (given.includes('replay') && unreplayed)
    throw new FlagError(
      `--${unreplayed}: a replay takes its answers from the tape`,
      `leave it out; beside --replay there are ${WITH_REPLAY.slice(1)
        .map(name => `--${name}`)
        .join(', ')}`,
    )
}
