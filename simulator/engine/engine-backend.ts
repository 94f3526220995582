import { findTokenizer } from '../../schemas/tokenizer.ts'
import { answerWhole } from '../answer-whole.ts'
import type { Backend, Exchange } from '../backend.ts'
import { type Fault, faultOf } from '../faults.ts'
import type { Options } from '../options.ts'
import { refuse, tooLongForEngine } from '../refusal.ts'
import type { Scheduler } from '../scheduler.ts'
import { startStream } from '../stream.ts'
import { randomFor } from '../timing.ts'
import { type TruthLog, truthOf } from '../truth.ts'
import { enginePace } from './engine-pace.ts'
import type { EngineOptions } from './flags.ts'
import { promptReader, type Read } from './prompt-reader.ts'
import { replicas } from './replicas.ts'

/**
 * Answers with the times of simulated engines, which depend on all that they have to do.
 *
 * @throws UserError when the tokenizer is not on this machine
 */
export function engineBackend(
  options: Options,
  engineOptions: EngineOptions,
  due: Scheduler,
  log: TruthLog | undefined,
): Backend {
  const { maxModelLen, frontendMs, tokenizer, blockSize } = engineOptions
  // Here, where a tokenizer that is nowhere can be said; the worker opens its own.
  findTokenizer(tokenizer)
  const engines = replicas(engineOptions, options.seed, due)
  const reader = promptReader({
    tokenizer,
    blockSize,
    maxModelLen,
    outputTokens: options.outputTokens,
  })
  let nextOrdinal = 0

  function answer(exchange: Exchange): void {
    const { request, response, body, startNs } = exchange
    const ordinal = nextOrdinal++
    const fault = faultOf(request, options, randomFor(options.seed, ordinal))
    if (fault?.answer) {
      fault.answer(request, response)
      return
    }
    reader.read(ordinal, body, read =>
      due.at(startNs + frontendMs * 1e6, () => enter(exchange, ordinal, fault, read)),
    )
  }

  /** The request comes to its engine, or is refused. */
  function enter(
    { api, request, response, startNs }: Exchange,
    ordinal: number,
    fault: Fault | undefined,
    read: Read | null,
  ): void {
    if (!read) {
      refuse(response, 400, 'BadRequestError', 'the body is not a JSON object')
      return
    }
    const { ask, promptTokens, hashes } = read
    const outputTokens = ask.max_completion_tokens ?? ask.max_tokens ?? options.outputTokens
    const reason =
      promptTokens === 0 || !Number.isInteger(outputTokens) || outputTokens < 1
        ? `at least one token of prompt and of answer is needed, not ${promptTokens} and ${JSON.stringify(outputTokens)}`
        : tooLongForEngine(maxModelLen, promptTokens, outputTokens)
    if (reason) {
      refuse(response, 400, 'BadRequestError', reason)
      return
    }
    const truth = truthOf(ordinal, request, startNs, promptTokens)
    if (!response.socket?.writable) {
      log?.add({ ...truth, outcome: 'client_closed' })
      return
    }
    const answerWith = ask.stream ? startStream : answerWhole
    answerWith({
      options,
      pace: enginePace(engines, { id: ordinal, promptTokens, outputTokens, hashes }, truth),
      response,
      truth,
      api,
      fault,
      model: ask.model ?? options.model,
      outputTokens,
      includeUsage: ask.stream_options?.include_usage === true,
      done: () => log?.add(truth),
    })
  }

  return {
    answer,
    metricsText: () => engines.metricsText(options.model),
    close: () => reader.close(),
  }
}
