import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FAULTS, type Fault } from './faults.ts'
import type { Options } from './options.ts'
import { nowNs, scheduler } from './scheduler.ts'
import { startStream } from './stream.ts'
import { randomFor, timingOf } from './timing.ts'
import { type Truth, truthLog } from './truth.ts'
import { type Api, type Ask, promptTokens, wireOf } from './wire.ts'
import { wordFor } from './words.ts'

/** Starts the server; resolves when it listens. `close` ends it and writes out the truth log. */
export async function startServer(options: Options) {
  const due = scheduler(options.precise)
  const log = options.truth ? truthLog(options.truth) : undefined
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

  const server = createServer(
    { keepAliveTimeout: 60_000, requestTimeout: 0 },
    (request, response) => {
      const startNs = nowNs()
      request.socket.setNoDelay(true)
      const { pathname } = new URL(request.url ?? '/', 'http://simulator')
      const api: Api | undefined = (
        { '/v1/chat/completions': 'chat', '/v1/completions': 'completions' } as Record<string, Api>
      )[pathname]
      if (request.method === 'POST' && api)
        readBody(request, body => answer(api, startNs, request, response, body))
      else if (pathname === '/health') response.writeHead(200).end()
      else if (pathname === '/v1/models')
        json(response, 200, { object: 'list', data: [{ id: options.model, object: 'model' }] })
      else if (pathname === '/metrics') {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
        response.end(metricsText(counts, waiting.length, options.model))
      } else refuse(response, 404, 'NotFoundError', `no route ${pathname}`)
    },
  )

  function answer(
    api: Api,
    startNs: number,
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void {
    if (options.apiKey && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      refuse(response, 401, 'authentication_error', 'invalid API key')
      return
    }
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
    if (options.maxModelLen > 0 && prompt + outputTokens > options.maxModelLen) {
      refuse(
        response,
        400,
        'BadRequestError',
        `This model's maximum context length is ${options.maxModelLen} tokens. However, you requested ${prompt + outputTokens} tokens (${prompt} in the messages, ${outputTokens} in the completion). Please reduce the length of the messages or completion.`,
      )
      return
    }
    const truth: Truth = {
      request: ordinal,
      x_request_id: (request.headers['x-request-id'] as string) ?? null,
      received_ns: startNs,
      headers_ns: null,
      token_ns: [],
      due_ns: [],
      done_ns: null,
      client_closed_ns: null,
      prompt_tokens: prompt,
      completion_tokens: 0,
      outcome: 'ok',
    }
    const done = (): void => {
      counts.prompt += prompt
      counts.generated += truth.completion_tokens
      log?.add(truth)
      release()
    }
    const model = ask.model ?? options.model
    take(() => {
      const slotNs = waiting.length > 0 || nowNs() - startNs > 1e6 ? nowNs() : startNs
      if (ask.stream)
        startStream({
          options,
          scheduler: due,
          response,
          truth,
          api,
          fault,
          model,
          outputTokens,
          includeUsage: ask.stream_options?.include_usage === true,
          random,
          startNs: slotNs,
          done,
        })
      else answerWhole(api, response, truth, model, outputTokens, random, slotNs, done)
    })
  }

  /** A whole answer goes out when its last token would have. */
  function answerWhole(
    api: Api,
    response: ServerResponse,
    truth: Truth,
    model: string,
    outputTokens: number,
    random: () => number,
    startNs: number,
    done: () => void,
  ): void {
    const timing = timingOf(options, random)
    let lastNs = timing.first(startNs)
    for (let i = 1; i < outputTokens; i++) lastNs = timing.next(lastNs)
    due.at(lastNs, dueNs => {
      const words = Array.from({ length: outputTokens }, (_, i) => wordFor(truth.request, i))
      const { prompt_tokens } = truth
      const usage = {
        prompt_tokens,
        completion_tokens: outputTokens,
        total_tokens: prompt_tokens + outputTokens,
      }
      const created = Math.floor(Date.now() / 1000)
      truth.headers_ns = nowNs()
      truth.token_ns.push(truth.headers_ns)
      truth.due_ns.push(dueNs)
      const wire = wireOf(api, truth.request, model, created)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(wire.whole(words.join(''), 'length', usage))
      truth.completion_tokens = outputTokens
      truth.done_ns = nowNs()
      done()
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, 4096, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${options.host}:${port}`,
    async close(): Promise<void> {
      due.stop()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await log?.close()
    },
  }
}

function faultOf(
  request: IncomingMessage,
  options: Options,
  random: () => number,
): Fault | undefined {
  const asked = request.headers['x-simulate-fault']
  if (typeof asked === 'string') return FAULTS[asked]
  if (options.fault === undefined || random() >= options.faultRatio) return undefined
  return FAULTS[options.fault]
}

function readBody(request: IncomingMessage, use: (body: Buffer) => void): void {
  const pieces: Buffer[] = []
  request.on('data', piece => pieces.push(piece))
  request.on('end', () => use(Buffer.concat(pieces)))
  request.on('error', () => {})
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

const refuse = (response: ServerResponse, code: number, type: string, message: string): void =>
  json(response, code, { error: { message, type, param: null, code } })

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
