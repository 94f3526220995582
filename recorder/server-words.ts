import { hiderOf } from './secrets/hidden.ts'

/** The most of a server's words that stand in one line. */
const MOST_CHARACTERS = 300

/** Where servers put their words in an answer of JSON, the likeliest first. */
const FIELDS = ['error', 'message', 'detail', 'msg', 'errors', 'title']

/**
 * What a server says in an answer that is no success, for a line on the terminal: `error.message` of its JSON
 * if there is one, else its text; without control characters, and without secrets that it repeats.
 */
export function serverWords(body: Uint8Array, secrets: readonly string[]): string {
  const text = Buffer.from(body).toString('utf8')
  const words = [...printable(hiderOf(secrets)(saidIn(text)))]
  return words.length <= MOST_CHARACTERS
    ? words.join('')
    : `${words.slice(0, MOST_CHARACTERS).join('')}…`
}

/** On one line: white space is a space, and what a terminal would obey is written out. */
export const printable = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}]/gu,
      character => `\\u{${character.codePointAt(0)!.toString(16)}}`,
    )

function saidIn(text: string): string {
  try {
    return wordsOf(JSON.parse(text)) ?? text
  } catch {
    // No JSON: a proxy's page says it in its title.
    return /<title[^>]*>([^<]+)<\/title>/i.exec(text)?.[1] ?? text.replace(/<[^>]*>/g, ' ')
  }
}

function wordsOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (Array.isArray(value)) return wordsOf(value[0])
  if (typeof value !== 'object' || value === null) return undefined
  for (const field of FIELDS) {
    const found = wordsOf((value as Record<string, unknown>)[field])
    if (found !== undefined) return found
  }
  return undefined
}
