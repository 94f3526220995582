import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../schemas/errors.ts'

/**
 * The tapes that words name: a pattern stands for every tape it matches, in the order of their names.
 *
 * `*`, `?` and `[a-z]` match within one name, as in a shell, which would have done it had the word not been
 * quoted. What is there under its own name is no pattern, a folder on the way included.
 *
 * @throws UserError when a pattern matches no tape
 */
export const expandTapes = (words: readonly string[]): string[] =>
  words.flatMap(word => {
    if (!isPattern(word)) return [word]
    const tapes = matches(word).filter(path => existsSync(join(path, 'run.json')))
    if (tapes.length === 0)
      throw new UserError(`${word}: matches no tape`, 'a tape is a directory with a run.json')
    return tapes
  })

export const isPattern = (word: string): boolean => /[*?[]/.test(word) && !existsSync(word)

function matches(pattern: string): string[] {
  const root = pattern.startsWith('/') ? '/' : '.'
  let found = [root]
  for (const part of pattern.split('/').filter(name => name !== ''))
    found = found.flatMap(folder => within(folder, part).map(name => join(folder, name)))
  return found
}

function within(folder: string, part: string): string[] {
  if (existsSync(join(folder, part))) return [part]
  if (!/[*?[]/.test(part)) return []
  const regexp = regexpOf(part)
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    // No folder, or none that may be read: nothing in it matches.
    return []
  }
  return names.filter(name => regexp.test(name) && !name.startsWith('.')).sort()
}

function regexpOf(part: string): RegExp {
  const source = part.replace(/\[[^\]]+\]|[\s\S]/g, piece => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (piece.length > 1) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    return piece.replace(/[\\^$.|+()[\]{}]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
