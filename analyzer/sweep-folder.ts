import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../schemas/errors.ts'
import { MANIFEST } from '../schemas/tape.ts'

/**
 * The tapes that paths name: a tape is itself, a folder that is none stands for the tapes in it, in the order of
 * their numbers. A sweep is such a folder.
 *
 * @throws UserError for a folder without a tape
 */
export function tapesIn(paths: readonly string[]): string[] {
  return paths.flatMap(path => {
    const isFolder = existsSync(path) && statSync(path).isDirectory()
    if (!isFolder || existsSync(join(path, MANIFEST))) return [path]
    const found = readdirSync(path)
      .filter(name => existsSync(join(path, name, MANIFEST)))
      .sort(NUMBERS.compare)
    if (found.length === 0)
      throw new UserError(
        `${path}: is no tape, and there is none in it`,
        'name tapes, or the folder that a sweep was recorded to',
      )
    return found.map(name => join(path, name))
  })
}

/** c5 before c10. */
const NUMBERS = new Intl.Collator('en', { numeric: true })
