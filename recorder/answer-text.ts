/**
 * The text of an answer, as the next turn's history needs it: from an event stream or one JSON body.
 *
 * A stream that breaks a rule gives what could be read: the tape has the bytes, and the analyzer judges.
 */
export function answerText(body: Uint8Array): string {
  const text = Buffer.from(body).toString('utf8')
  if (!/^(data|event|id|retry)?:/m.test(text)) return textsIn(parsed(text)).join('')
  return text
    .split(/\r?\n\r?\n/)
    .map(event =>
      event
        .split(/\r?\n/)
        .filter(line => line.startsWith('data:'))
        .map(line => line.slice(5).trimStart())
        .join('\n'),
    )
    .flatMap(data => textsIn(parsed(data)))
    .join('')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Fields = Record<string, unknown>
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

/** Answer text of one message: OpenAI chat and completions, Responses, Anthropic, TGI. Reasoning is no answer. */
function textsIn(message: unknown): string[] {
  const { choices, delta, content, type, token } = fieldsOf(message)
  const found: unknown[] = []
  if (Array.isArray(choices))
    for (const choice of choices.slice(0, 1)) {
      const { delta: part, message: whole, text } = fieldsOf(choice)
      found.push(fieldsOf(part)['content'], fieldsOf(whole)['content'], text)
    }
  if (type === 'response.output_text.delta') found.push(delta)
  if (type === 'content_block_delta') found.push(fieldsOf(delta)['text'])
  if (Array.isArray(content)) for (const block of content) found.push(fieldsOf(block)['text'])
  found.push(fieldsOf(token)['text'])
  return found.filter(text => typeof text === 'string')
}
