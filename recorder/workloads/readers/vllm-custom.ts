import { fieldsOf, textFrom, wholeField } from '../fields.ts'
import type { LineReader } from '../row-reader.ts'

/** vLLM's custom dataset: `{"prompt": …}` and, where given, `output_tokens`. It has no times. */
export const vllmCustom: LineReader = {
  read(text) {
    const fields = fieldsOf(text)
    const prompt = textFrom(fields['prompt'], 'prompt: a string that is not empty')
    const turn = { texts: [prompt], outputTokens: wholeField(fields, 'output_tokens', 1) }
    return { sessionId: null, system: null, turns: [turn] }
  },
}
