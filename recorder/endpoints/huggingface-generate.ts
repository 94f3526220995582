import { promptsOf } from './conversation.ts'
import type { Endpoint } from './endpoint.ts'
import { limitAs } from './output-limit.ts'

/**
 * Hugging Face's text-generation-inference, which serves one model and takes no name.
 *
 * `details` brings the token counts and the reason why the answer ended.
 */
export const huggingfaceGenerate: Endpoint = {
  summary: 'Hugging Face TGI generate, and generate_stream with --streaming',
  path: streaming => (streaming ? '/generate_stream' : '/generate'),
  streams: true,
  forcesOsl: false,
  takes: 'conversation',
  body: ask => ({
    inputs: promptsOf(ask).join(''),
    parameters: { ...limitAs('max_new_tokens', ask), details: true },
  }),
}
