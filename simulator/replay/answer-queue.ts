import type { TapeAnswer } from './tape-answers.ts'

/**
 * Gives each recorded answer to one request.
 *
 * To a request whose body is on the tape goes the first answer of that body that is left; to any other
 * the first answer that is left, in the order in which the recorded requests were sent.
 *
 * @returns gives the answer for a body digest, or undefined when all have been given
 */
export function answerQueue(
  answers: readonly TapeAnswer[],
): (bodyDigest: string) => TapeAnswer | undefined {
  const given = new Uint8Array(answers.length)
  const byDigest = new Map<string, number[]>()
  for (const [i, { bodyDigest }] of answers.entries()) {
    const same = byDigest.get(bodyDigest)
    if (same) same.push(i)
    else byDigest.set(bodyDigest, [i])
  }
  for (const same of byDigest.values()) same.reverse()
  let first = 0
  return digest => {
    const same = byDigest.get(digest) ?? []
    while (same.length > 0 && given[same.at(-1)!]) same.pop()
    while (first < answers.length && given[first]) first++
    const i = same.pop() ?? first
    if (i === answers.length) return undefined
    given[i] = 1
    return answers[i]
  }
}
