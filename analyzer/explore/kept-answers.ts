export type KeptAnswers = {
  get(key: string): Uint8Array | undefined
  keep(key: string, answer: Uint8Array): void
}

/** The answers that were asked for last, in so many bytes. */
export function keptAnswers(mostBytes: number): KeptAnswers {
  const answers = new Map<string, Uint8Array>()
  let bytes = 0
  const drop = (key: string): void => {
    bytes -= answers.get(key)?.length ?? 0
    answers.delete(key)
  }
  return {
    get(key) {
      const found = answers.get(key)
      // A map is in the order of entering: what is asked for again goes last.
      if (found) {
        answers.delete(key)
        answers.set(key, found)
      }
      return found
    },
    keep(key, answer) {
      drop(key)
      if (answer.length > mostBytes) return
      answers.set(key, answer)
      bytes += answer.length
      while (bytes > mostBytes) drop(answers.keys().next().value!)
    },
  }
}
