/** What one request asks for. */
export type Ask = {
  model: string
  system: string | null
  /** What was said before in the session, the live answers included. */
  history: { role: string; content: unknown }[]
  texts: string[]
  outputTokens: number | null
  /** The whole history from a dataset; replaces system, history and texts. */
  messages: { role: string; content: unknown }[] | null
}
export type BodyOptions = { streaming: boolean; useLegacyMaxTokens: boolean; forceOsl: boolean }

/** A wire format: where a request goes and what its body says. How answers read is the analyzer's. */
export type Endpoint = {
  summary: string
  path: string | ((streaming: boolean) => string)
  streams: boolean
  body(ask: Ask, options: BodyOptions): Record<string, unknown>
}
