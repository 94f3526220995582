import { builtinTokenizer } from '../../schemas/tokenizer.ts'

/** Names of wire formats and of usual settings that are in no list of English words. */
const USUAL = new Set(
  `anonymous apikey application/json assistant bearer cached_tokens chat chat.completion
   chat.completion.chunk choices chunked completed completion_tokens content-type disabled dummy
   enabled event-stream finish_reason identity keep-alive localhost logprobs max_tokens
   output_text placeholder prompt_tokens reasoning_content recording response sealed simulated staging
   stop_reason text/event-stream text_completion tokentape tool_calls tool_use total_tokens truncated
   undefined unknown usage_metadata`.split(/\s+/),
)

let words: Set<string> | undefined

/** The words of the builtin tokenizer's vocabulary: those that are common enough to be a token of their own. */
function vocabulary(): Set<string> {
  words ??= new Set(
    [...builtinTokenizer().vocabulary().keys()].flatMap(
      token => /^Ġ?([A-Za-z]+)$/.exec(token)?.[1]?.toLowerCase() ?? [],
    ),
  )
  return words
}

/** Whether a text is a word that any answer may hold. */
export const isCommonWord = (text: string): boolean =>
  USUAL.has(text.toLowerCase()) ||
  (/^[A-Za-z]+$/.test(text) && vocabulary().has(text.toLowerCase()))
