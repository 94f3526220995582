/** What one turn asks for. Texts are exact: their tokens were counted when they were made. */
export type Turn = {
  /** What the user says in this turn. Several where the endpoint takes a batch. */
  texts: string[]
  /** Input tokens of this turn's own texts, with what stands in front of them; null where not counted. */
  inputTokens: number | null
  /** The output limit; null sends none. */
  outputTokens: number | null
  /** Wait after the previous turn's answer, ms. */
  delayMs: number
  /** When a trace wants it sent, ms since the trace's own zero; null without a schedule. */
  timestampMs: number | null
  /** Ids of the prompt's blocks, for traces with prefix sharing. */
  hashIds: number[] | null
  /** The row of the dataset, counted from 0; null for made-up prompts. */
  datasetRow: number | null
  /** Further fields of the body, from the dataset. */
  extra: Record<string, unknown>
  /** The whole history as messages, from a dataset that has it; replaces `texts`. */
  messages: { role: string; content: unknown }[] | null
  /** The body as it stands, sent verbatim; replaces everything else. */
  payload: Record<string, unknown> | null
}

export type Session = {
  id: string
  /** The system prompt of the session, or null. */
  system: string | null
  /** Tokens of `system`. */
  systemTokens: number
  /** At least one. The live answers between them become the history. */
  turns: Turn[]
}

/** What a workload draws from; see `Seeds` of ../seeds.ts. */
export type WorkloadSeeds = {
  /** Lengths, turns, delays, which row, which prefix. */
  seed: number
  /** Words. */
  promptSeed: number
}

/** Where sessions come from. The same plan and index give the same session on every machine. */
export type Workload = {
  kind: string
  /** SHA-256 over what it is made from, hexadecimal. */
  digest: string
  /** Things the user should know: rows skipped, prompts verified instead of constructed. */
  notes: string[]
  /** Whether words are made up: these follow `promptSeed`, so that no two runs need to send the same. */
  isMadeUp: boolean
  /** Sessions that a file has; null where they are made up. Asked for more, it begins again. */
  size: number | null
  /** Turns of the longest session, as far as it is known before; 1 is sure. */
  maxTurns: number
  session(index: number): Session
  /** When the dataset wants the session's first turn sent, ms since its own zero; null where it does not say. */
  timestampMs(index: number): number | null
}
