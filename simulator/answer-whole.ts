import { nowNs } from './scheduler.ts'
import type { StreamParts } from './stream.ts'
import { usageOf, wireOf } from './wire.ts'
import { wordFor } from './words.ts'

/** An answer that is not streamed: it goes out when its last token would have. */
export function answerWhole(parts: StreamParts): void {
  const { pace, response, truth, api, model, outputTokens } = parts
  const socket = response.socket!
  const closed = (): void => {
    truth.client_closed_ns = nowNs()
    truth.done_ns = truth.client_closed_ns
    truth.outcome = 'client_closed'
    pace.cancel()
    parts.done()
  }
  socket.once('close', closed)
  pace.last(outputTokens, dueNs => {
    if (truth.client_closed_ns !== null) return
    socket.off('close', closed)
    const words = Array.from({ length: outputTokens }, (_, i) => wordFor(truth.request, i))
    const usage = usageOf(truth.prompt_tokens, outputTokens, truth.cached_tokens)
    const wire = wireOf(api, truth.request, model, Math.floor(Date.now() / 1000))
    truth.headers_ns = nowNs()
    truth.token_ns.push(truth.headers_ns)
    truth.due_ns.push(dueNs)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(wire.whole(words.join(''), 'length', usage))
    truth.completion_tokens = outputTokens
    truth.done_ns = nowNs()
    parts.done()
  })
}
