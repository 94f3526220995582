import type { Emit, Pace } from '../pace.ts'
import type { Truth } from '../truth.ts'
import type { EngineRequest } from './engine.ts'
import type { Replicas } from './replicas.ts'

/**
 * An engine's tokens, each as its step ends: one token is one message.
 *
 * @param truth  gets `cached_tokens`
 */
export function enginePace(engines: Replicas, request: EngineRequest, truth: Truth): Pace {
  const start = (emit: Emit): void =>
    engines.add(request, truth.received_ns, ({ atNs, cachedTokens }) => {
      truth.cached_tokens = cachedTokens
      emit(atNs)
    })
  return {
    first: start,
    next: () => {},
    last: (nMessages, emit) => {
      let n = 0
      start(atNs => {
        if (++n === nMessages) emit(atNs)
      })
    },
    cancel: () => engines.abort(request.id),
  }
}
