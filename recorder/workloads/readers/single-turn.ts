import {
  extraField,
  type Fields,
  fieldsOf,
  RowFault,
  sessionIdField,
  shown,
  textFrom,
  timesOf,
  wholeField,
} from '../fields.ts'
import type { LineReader, RowTurn } from '../row-reader.ts'

const OTHER_MEDIA = ['image', 'images', 'audio', 'audios', 'video', 'videos']

/** `{"text": …}` or `{"texts": […]}`, or a bare line of text. */
export const singleTurn: LineReader = {
  read(text) {
    const trimmed = text.trim()
    if (!trimmed.startsWith('{'))
      return { sessionId: null, system: null, turns: [{ texts: [trimmed] }] }
    const fields = fieldsOf(trimmed)
    return { sessionId: sessionIdField(fields), system: null, turns: [turnFrom(fields)] }
  },
}

/** One turn's fields, in a single_turn row and in the list of a multi_turn row. */
export function turnFrom(fields: Fields): RowTurn {
  const media = OTHER_MEDIA.find(key => fields[key] != null)
  if (media) throw new RowFault('text only', `"${media}"`)
  const role = fields['role'] ?? 'user'
  if (role !== 'user') throw new RowFault('role: "user"', shown(role))
  return {
    texts: textsFrom(fields),
    outputTokens: wholeField(fields, 'output_length', 1),
    extra: extraField(fields),
    ...timesOf(fields),
  }
}

/** Texts in every form that AIPerf has: one, several, or several with names. */
export function textsFrom({ text, texts }: Fields): string[] {
  const expected = 'text: a string that is not empty'
  if (text != null && texts != null) throw new RowFault('either text or texts', 'both')
  if (texts == null) return [textFrom(text, expected)]
  if (!Array.isArray(texts) || texts.length === 0)
    throw new RowFault('texts: a list of strings', shown(texts))
  return texts.flatMap(item =>
    typeof item === 'object' && Array.isArray(item?.contents)
      ? item.contents.map((content: unknown) => textFrom(content, 'contents: strings'))
      : [textFrom(item, 'texts: strings that are not empty')],
  )
}
