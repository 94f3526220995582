import { answerWhole } from './answer-whole.ts'
import type { Backend, Exchange } from './backend.ts'
import { faultOf } from './faults.ts'
import type { Options } from './options.ts'
import { drawnPace } from './pace.ts'
import { refuse, tooLong } from './refusal.ts'
import { nowNs, type Scheduler } from './scheduler.ts'
import { startStream } from './stream.ts'
import { randomFor, timingOf } from './timing.ts'
import { type TruthLog, truthOf } from './truth.ts'
import { type Ask, promptTokens } from './wire.ts'

/** Answers with times drawn for each request, whatever the load; with a limit, in a queue. */
export function drawnBackend(options: Options, due: Scheduler, log: TruthLog | undefined): Backend {
  const waiting: (() => void)[] = []
  const counts = { running: 0, prompt: 0, generated: 0, ordinal: 0 }

  const take = (start: () => void): void => {
    if (options.maxNumSeqs > 0 && counts.running >= options.maxNumSeqs) waiting.push(start)
    else {
      counts.running++
      start()
    }
  }
  const release = (): void => {
    counts.running--
    const next = waiting.shift()
    if (!next) return
    counts.running++
    next()
  }

  function answer({ api, request, response, body, startNs }: Exchange): void {
    let ask: Ask
    try {
      ask = JSON.parse(body.toString('utf8'))
    } catch {
      refuse(response, 400, 'BadRequestError', 'the body is not JSON')
      return
    }
    const ordinal = counts.ordinal++
    const random = randomFor(options.seed, ordinal)
    const fault = faultOf(request, options, random)
    if (fault?.answer) {
      fault.answer(request, response)
      return
    }
    const prompt = promptTokens(ask)
    const outputTokens = ask.max_completion_tokens ?? ask.max_tokens ?? options.outputTokens
    const reason = tooLong(options.maxModelLen, prompt, outputTokens)
    if (reason) {
      refuse(response, 400, 'BadRequestError', reason)
      return
    }
    const truth = truthOf(ordinal, request, startNs, prompt)
    const done = (): void => {
      counts.prompt += prompt
      counts.generated += truth.completion_tokens
      log?.add(truth)
      release()
    }
    take(() => {
      const slotNs = waiting.length > 0 || nowNs() - startNs > 1e6 ? nowNs() : startNs
      const answerWith = ask.stream ? startStream : answerWhole
      answerWith({
        options,
        pace: drawnPace(due, timingOf(options, random), slotNs),
        response,
        truth,
        api,
        fault,
        model: ask.model ?? options.model,
        outputTokens,
        includeUsage: ask.stream_options?.include_usage === true,
        done,
      })
    })
  }

  return {
    answer,
    metricsText: () => metricsText(counts, waiting.length, options.model),
    close: async () => {},
  }
}

const metricsText = (
  counts: { running: number; prompt: number; generated: number },
  waiting: number,
  model: string,
): string =>
  (
    [
      ['num_requests_running', 'gauge', counts.running],
      ['num_requests_waiting', 'gauge', waiting],
      ['prompt_tokens_total', 'counter', counts.prompt],
      ['generation_tokens_total', 'counter', counts.generated],
    ] as const
  )
    .map(
      ([name, kind, value]) =>
        `# TYPE vllm:${name} ${kind}\nvllm:${name}{model_name="${model}"} ${value}\n`,
    )
    .join('')
