import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { reasonOf, UserError } from '../../schemas/errors.ts'

/** The longest text that Node holds. */
const MOST_BYTES = 2 ** 29 - 24
/** Read at once. */
const PIECE_BYTES = 1 << 20

/**
 * The file of a tool's results: the one that was named, or the one of this name in the directory that was.
 *
 * @throws UserError when it is not there
 */
export function resultFile(path: string, name: string): string {
  if (!existsSync(path))
    throw new UserError(`${path}: no such file`, `name ${name}, or the directory that holds it`)
  if (!statSync(path).isDirectory()) return path
  const file = join(path, name)
  if (!existsSync(file))
    throw new UserError(`${path}: holds no ${name}`, 'name the file itself, if it has another name')
  return file
}

/**
 * A whole JSON file. Python writes `Infinity` and `NaN`: the one is read as a number, the other as null.
 *
 * @throws UserError naming the line at which it is not JSON
 */
export function readJson(file: string): unknown {
  const { size } = statSync(file)
  if (size > MOST_BYTES)
    throw new UserError(
      `${file}: ${size} bytes are more than can be read at once`,
      `at most ${MOST_BYTES}: save fewer requests a file`,
    )
  return parsed(readFileSync(file, 'utf8'), file, 1)
}

/**
 * The lines of a JSONL file, each with its number. An empty one is left out.
 *
 * @throws UserError naming the line that is not JSON
 */
export function* readJsonLines(
  file: string,
  prepare: (line: string) => string = line => line,
): Generator<{ value: unknown; line: number }> {
  for (const { text, line } of linesOf(file))
    if (text.trim() !== '') yield { value: parsed(prepare(text), file, line), line }
}

/** The documents of a file that holds one, or one a line. */
export function readJsonOrLines(file: string): { value: unknown; place: string }[] {
  for (const { text } of linesOf(file)) {
    if (text.trim() === '') continue
    if (isJson(text)) break
    return [{ value: readJson(file), place: `${file}:` }]
  }
  return [...readJsonLines(file)].map(({ value, line }) => ({ value, place: `${file}:${line}:` }))
}

/** The lines of a text file, in bounded memory. */
export function* linesOf(file: string): Generator<{ text: string; line: number }> {
  const handle = openSync(file, 'r')
  const decoder = new StringDecoder('utf8')
  const piece = Buffer.alloc(PIECE_BYTES)
  let line = 0
  let rest: string[] = []
  try {
    for (;;) {
      const read = readSync(handle, piece, 0, PIECE_BYTES, null)
      if (read === 0) break
      const parts = decoder.write(piece.subarray(0, read)).split('\n')
      if (parts.length > 1) {
        yield { text: rest.join('') + parts[0], line: ++line }
        for (let i = 1; i < parts.length - 1; i++) yield { text: parts[i]!, line: ++line }
        rest = []
      }
      rest.push(parts.at(-1)!)
    }
  } finally {
    closeSync(handle)
  }
  const last = rest.join('') + decoder.end()
  if (last !== '') yield { text: last, line: ++line }
}

const NOT_JSON = /([:[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])/g

/** JSON with the numbers that Python writes and JSON does not know: as one that overflows, and as null. */
function known(text: string): string {
  const replaced = (_all: string, before: string, word: string): string =>
    before + (word === 'NaN' ? 'null' : word.replace('Infinity', '1e999'))
  // Twice, since neighbours share a comma.
  return text.replace(NOT_JSON, replaced).replace(NOT_JSON, replaced)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(known(text))
    return true
  } catch {
    return false
  }
}

function parsed(text: string, file: string, firstLine: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const tried = known(text)
    try {
      return JSON.parse(tried)
    } catch (error) {
      const reason = reasonOf(error)
      const cut = /Unexpected end|Unterminated/.test(reason)
      const at = cut ? tried.length : Number(/at position (\d+)/.exec(reason)?.[1] ?? 0)
      const line = firstLine + tried.slice(0, at).trimEnd().split('\n').length - 1
      throw new UserError(
        cut
          ? `${file}:${line}: the JSON ends before it is complete: the file was cut off`
          : `${file}:${line}: not JSON: ${reason}`,
        'name the file as the tool wrote it, whole',
      )
    }
  }
}
