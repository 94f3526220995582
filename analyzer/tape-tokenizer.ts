import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { reasonOf } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { findTokenizer, type Tokenizer, tokenizerPath } from '../schemas/tokenizer.ts'

/**
 * Finds what counts the tokens of a run: the one asked for, else the one it was recorded with.
 *
 * @param asked  what the user named; if it cannot be found that is an error
 * @returns      undefined, with a note, where the run's own tokenizer is not on this machine
 */
export const tapeTokenizer =
  (asked: string | undefined, err: (text: string) => void) =>
  ({ tokenizer }: Manifest): Tokenizer | undefined => {
    if (asked !== undefined) return cached(asked)
    try {
      const found = cached(tokenizer.id)
      if (tokenizer.digest && !found.digest.startsWith(tokenizer.digest))
        err(
          `note: the tokenizer ${tokenizer.id} is not the version that the run was recorded with\n`,
        )
      return found
    } catch (error) {
      err(`note: no tokenizer, so tokens are the server's counts: ${reasonOf(error)}\n`)
      return undefined
    }
  }

const named = new Map<string, Tokenizer>()
function cached(name: string): Tokenizer {
  const found = named.get(name) ?? onDemand(name)
  named.set(name, found)
  return found
}

/** Opened when it first counts: what has been decoded needs the digest alone, and parsing takes a quarter of a second. */
function onDemand(name: string): Tokenizer {
  const path = tokenizerPath(name, process.env)
  if (path === undefined) return findTokenizer(name)
  let opened: Tokenizer | undefined
  const open = (): Tokenizer => {
    opened ??= findTokenizer(name)
    return opened
  }
  return {
    id: name,
    digest: createHash('sha256').update(readFileSync(path)).digest('hex'),
    encode: text => open().encode(text),
    count: text => open().count(text),
    tokenEnds: text => open().tokenEnds(text),
    vocabulary: () => open().vocabulary(),
  }
}
