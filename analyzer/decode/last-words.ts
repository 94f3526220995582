import { EXCERPT, type Facts, factsOf, isWords } from './content.ts'

/**
 * What broke into a stream in plain words, as its last: the error of a server, or of a proxy before it, that does not
 * speak JSON. Words that more content follows, or that follow the end, ended nothing.
 */
export type LastWords = {
  /** A message came, and is that row. */
  message(facts: Facts, row: number): void
  /** Content came. */
  content(): void
  /** A line came that is part of no message. */
  stray(line: string): void
  /** The error, where there is one, and the rows of the messages that it was. */
  said(): { error: string; rows: number[] } | undefined
}

export function lastWords(): LastWords {
  let words: string[] = []
  let rows: number[] = []
  let length = 0
  /** A finish reason or [DONE] came. */
  let ended = false

  const add = (text: string): boolean => {
    if (!ended && length <= EXCERPT) {
      words.push(text)
      length += text.length
    }
    return !ended
  }
  const content = (): void => {
    if (length === 0) return
    words = []
    rows = []
    length = 0
  }
  return {
    message({ kind, undecoded, finishReason }, row) {
      if (undecoded !== undefined) {
        if (isWords(undecoded) && add(undecoded)) rows.push(row)
        return
      }
      // Some send [DONE] whatever happened.
      if (kind !== 'done' && kind !== 'ping') content()
      if (kind === 'done' || finishReason) ended = true
    },
    content,
    stray: line => void add(line),
    said() {
      const text = words.join('\n').trim().slice(0, EXCERPT)
      return text === '' ? undefined : { error: factsOf(text, '').error ?? text, rows }
    },
  }
}
