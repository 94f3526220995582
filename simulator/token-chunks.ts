import { WORDS } from './words.ts'

/** Body bytes of each token's message: all alike, so that a client's bytes tell its tokens. */
export const TOKEN_BYTES = 220

/** A message in the shape that vLLM gives it, filled up to `TOKEN_BYTES` in its id. */
function message(word: string): string {
  const text = (id: string): string =>
    `data: ${JSON.stringify({
      id: `chatcmpl-${id}`,
      object: 'chat.completion.chunk',
      created: 1764000000,
      model: 'simulated',
      choices: [{ index: 0, delta: { content: ` ${word}` }, logprobs: null, finish_reason: null }],
    })}\n\n`
  return text('0'.repeat(TOKEN_BYTES - text('').length))
}

const CHUNKS = WORDS.map(word => {
  const body = message(word)
  return Buffer.from(`${body.length.toString(16)}\r\n${body}\r\n`)
})

/** A token's HTTP chunk, made once for each word. */
export const tokenChunk = (index: number): Buffer => CHUNKS[index % CHUNKS.length]!
