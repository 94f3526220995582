import type { ServerResponse } from 'node:http'

export function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

/** An error in the shape that vLLM gives it. */
export const refuse = (
  response: ServerResponse,
  code: number,
  type: string,
  message: string,
): void => json(response, code, { error: { message, type, param: null, code } })

/** Why a request is too long for the model; undefined where it is not. */
export function tooLong(maxModelLen: number, prompt: number, output: number): string | undefined {
  if (maxModelLen === 0 || prompt + output <= maxModelLen) return undefined
  return `This model's maximum context length is ${maxModelLen} tokens. However, you requested ${prompt + output} tokens (${prompt} in the messages, ${output} in the completion). Please reduce the length of the messages or completion.`
}

/** The same in the words of vLLM 0.11, which tells a prompt that is too long alone from one that is not. */
export function tooLongForEngine(
  maxModelLen: number,
  prompt: number,
  output: number,
): string | undefined {
  if (prompt + output <= maxModelLen) return undefined
  return prompt >= maxModelLen
    ? `This model's maximum context length is ${maxModelLen} tokens. However, your request has ${prompt} input tokens. Please reduce the length of the input messages.`
    : `'max_tokens' or 'max_completion_tokens' is too large: ${output}. This model's maximum context length is ${maxModelLen} tokens and your request has ${prompt} input tokens (${output} > ${maxModelLen} - ${prompt}).`
}
