export type Message = { role: string; content: unknown }

/** What one request asks for. Each endpoint takes of it what its wire format has a place for. */
export type Ask = {
  model: string
  system: string | null
  /** The conversation so far, live answers included. */
  history: Message[]
  /** What is said now. For rankings the first is the query and the others are its passages. */
  texts: string[]
  /** The output limit; null sends none. */
  outputTokens: number | null
  /** The whole conversation from a data set: stands in place of `history` and `texts`. */
  messages: Message[] | null
  /** The whole body from a data set, for the endpoint that sends it as it stands. */
  payload: Record<string, unknown> | null
}

export type BodyOptions = {
  streaming: boolean
  /** `max_tokens` in place of `max_completion_tokens`. */
  useLegacyMaxTokens: boolean
  /** Asks servers that can to generate exactly the limit. */
  forceOsl: boolean
  /** What the template endpoint fills in, from `readTemplate`. */
  template?: unknown
}

/** A wire format: where a request goes and what its body says. How answers read is the analyzer's. */
export type Endpoint = {
  summary: string
  /** Empty where the URL itself says it. */
  path: string | ((streaming: boolean) => string)
  /** Whether it can stream. Where it cannot, a plan does not. */
  streams: boolean
  /** Whether a body can ask for an exact number of output tokens. */
  forcesOsl: boolean
  /**
   * What it has a place for. `conversation`: system, history and texts, or messages. `batch`: texts
   * that have nothing to do with each other. `ranking`: a query and at least one passage.
   * `payload`: a data set's body. `template`: a template, with what it names.
   */
  takes: 'conversation' | 'batch' | 'ranking' | 'payload' | 'template'
  /** Several texts are prompts of their own, with what was said before in front of each. */
  repeatsHistory?: true
  /** Headers that every request needs; the user's own win. */
  headers?: Record<string, string>
  /** The header that the API key goes into as it is, beside `authorization`. */
  keyHeader?: string
  /** The body without extra inputs, which are merged into it afterwards and win. */
  body(ask: Ask, options: BodyOptions): Record<string, unknown>
}

export const pathFor = ({ path }: Endpoint, streaming: boolean): string =>
  typeof path === 'string' ? path : path(streaming)
