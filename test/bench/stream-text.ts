import { builtinTokenizer } from '../../schemas/tokenizer.ts'

/** Body bytes of an answer, message by message. A result is valid until the next call. */
export type StreamText = {
  role(request: number): Uint8Array
  token(request: number): Uint8Array
  /** The finish reason, the usage and the end of the stream, in one read. */
  end(request: number, tokens: number): Uint8Array
}

/** The vocabulary's English words, the most usual first. */
const wordsOfBuiltin = (): Buffer[] =>
  [...builtinTokenizer().vocabulary()]
    .filter(([token]) => /^Ġ[a-zA-Z]+$/.test(token))
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => Buffer.from(token.replace('Ġ', ' ')))

/**
 * Answers as vLLM streams them: a message a token, 230 bytes of it the same for the whole request.
 *
 * @param words  common: a word's chance falls with its rank, as in English; uniform: each as likely
 *               as the next, which no compressor likes
 */
export function streamText(random: () => number, words: 'common' | 'uniform'): StreamText {
  const vocabulary = wordsOfBuiltin()
  const size = vocabulary.length
  const rank =
    words === 'uniform'
      ? (): number => Math.floor(size * random())
      : (): number => Math.min(size - 1, Math.floor(size ** random() - 1))
  const heads = new Map<number, Buffer>()
  const tail = Buffer.from('"},"logprobs":null,"finish_reason":null}]}\n\n')
  const scratch = Buffer.alloc(4096)
  const headOf = (request: number): Buffer => {
    let head = heads.get(request)
    if (!head) {
      const digits = Array.from({ length: 32 }, () => Math.floor(16 * random()).toString(16))
      head = Buffer.from(
        `data: {"id":"chatcmpl-${digits.join('')}","object":"chat.completion.chunk","created":${1764000000 + (request >> 2)},"model":"meta-llama/Llama-3.1-8B-Instruct","choices":[{"index":0,"delta":{"content":"`,
      )
      heads.set(request, head)
    }
    return head
  }
  const write = (...pieces: Uint8Array[]): Uint8Array => {
    let at = 0
    for (const piece of pieces) {
      scratch.set(piece, at)
      at += piece.length
    }
    return scratch.subarray(0, at)
  }
  const upTo = (request: number, key: string): string => {
    const head = headOf(request).toString()
    return head.slice(0, head.indexOf(key))
  }
  return {
    role: request =>
      write(
        Buffer.from(
          `${upTo(request, '"content"')}"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}\n\n`,
        ),
      ),
    token: request => write(headOf(request), vocabulary[rank()]!, tail),
    end(request, tokens) {
      const head = upTo(request, '{"index"')
      heads.delete(request)
      const finish = `${head}{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"length","stop_reason":null}]}\n\n`
      const usage = `${head}],"usage":{"prompt_tokens":550,"total_tokens":${550 + tokens},"completion_tokens":${tokens}}}\n\n`
      return write(Buffer.from(`${finish}${usage}data: [DONE]\n\n`))
    },
  }
}
