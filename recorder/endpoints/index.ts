import { chat } from './chat.ts'
import { cohereRankings } from './cohere-rankings.ts'
import { completions } from './completions.ts'
import { embeddings } from './embeddings.ts'
import type { Endpoint } from './endpoint.ts'
import { hfTeiRankings } from './hf-tei-rankings.ts'
import { huggingfaceGenerate } from './huggingface-generate.ts'
import { messages } from './messages.ts'
import { nimRankings } from './nim-rankings.ts'
import { raw } from './raw.ts'
import { responses } from './responses.ts'
import { template } from './template.ts'

/** The wire formats, by the name that `--endpoint-type` takes: AIPerf's names. */
export const ENDPOINTS: Record<string, Endpoint> = {
  chat,
  completions,
  responses,
  messages,
  embeddings,
  nim_rankings: nimRankings,
  cohere_rankings: cohereRankings,
  hf_tei_rankings: hfTeiRankings,
  huggingface_generate: huggingfaceGenerate,
  raw,
  template,
}
