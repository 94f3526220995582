import type { ImportedChunk, Manifest } from '../../schemas/manifest.ts'
import type { MessageKind } from '../decode/messages-table.ts'

/** A request as another tool saw it. Instants are ns since the run's zero; what the tool does not tell is null. */
export type ImportedRequest = {
  phase: 'warmup' | 'profiling'
  session: string | null
  turn: number
  model: string | null
  /** When the load plan wanted it sent; null in a closed loop. */
  scheduledNs: number | null
  /** When a sender took it up. */
  dequeuedNs: number | null
  sentNs: number
  headersNs: number | null
  status: number | null
  /** Whether it was answered by a stream. */
  streamed: boolean
  /** Content in the order in which it came. An instant is null where only its existence is known. */
  content: { atNs: number | null; kind: MessageKind }[]
  /** When the answer was complete, or the request failed. */
  endNs: number | null
  /** How it failed, with an event log's code, or `unknown`; null where it succeeded. */
  failure: { code: FailureCode; detail: string } | null
  inputTokens: number | null
  /** With reasoning. */
  outputTokens: number | null
  /** The server's own counts. */
  usage: {
    prompt?: number | null
    completion?: number | null
    reasoning?: number | null
    cached?: number | null
  }
}

export type FailureCode = 'timeout' | 'connect_error' | 'broken_stream' | 'cancelled' | 'unknown'

/** One run of another tool. */
export type ImportedRun = {
  /** The files that it was read from. */
  files: string[]
  model: string | null
  endpointType: string
  streaming: boolean
  /** Wall clock at the zero of its instants, ns since the Unix epoch; null where the tool gives none. */
  startedAtUnixNs: string | null
  outcome: Manifest['outcome'] | null
  /** The load, in the shape of our own plan, as far as it is known: see importedPlan. */
  plan: Record<string, unknown>
  /** Whether it is known when each request was sent; if not, all are at 0. */
  startsKnown: boolean
  /** Which messages its instants of content are of; null where that is not known. */
  chunk: ImportedChunk | null
  /** What is not known, for people. */
  unknown: string[]
  /** Rows, one after another: a run may have more of them than memory holds. */
  requests: Iterable<ImportedRequest>
}

/**
 * Reads the results of one tool.
 *
 * @param path  a file, or the directory that the tool wrote
 * @returns     the runs that it holds, in the order in which it holds them
 * @throws      UserError naming file and place of what is not as the tool writes it
 */
export type Importer = (path: string) => ImportedRun[]

/** A request of which nothing is known but when it was sent. */
export const bareRequest = (sentNs: number): ImportedRequest => ({
  phase: 'profiling',
  session: null,
  turn: 0,
  model: null,
  scheduledNs: null,
  dequeuedNs: null,
  sentNs,
  headersNs: null,
  status: null,
  streamed: true,
  content: [],
  endNs: null,
  failure: null,
  inputTokens: null,
  outputTokens: null,
  usage: {},
})
