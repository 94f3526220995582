import type { Plan } from '../plan.ts'

/** What one request asks for. */
export type Prompt = { text: string; outputTokens: number | null; model: string }

/** A wire format: where a request goes and what its body says. How answers read is the analyzer's. */
export type Endpoint = {
  summary: string
  path: string
  body(prompt: Prompt, plan: Plan): Record<string, unknown>
}
