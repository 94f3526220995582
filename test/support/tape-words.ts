import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rowsOf } from './query.ts'

/** Everything in a tape as text: files as they are, and the Parquet's cells with each blob read as text. */
export async function wordsOf(tape: string): Promise<string> {
  const files = readdirSync(tape, { recursive: true, withFileTypes: true }).filter(file =>
    file.isFile(),
  )
  const raw = files.map(file => readFileSync(join(file.parentPath, file.name), 'latin1'))
  const cells = await Promise.all(
    files
      .filter(file => file.name.endsWith('.parquet'))
      .map(file => rowsOf(`from '${join(file.parentPath, file.name)}'`)),
  )
  return raw.join('\n') + unescaped(JSON.stringify(cells))
}

/** DuckDB writes the bytes of a blob that are no plain ASCII, and quotes, as \xNN. */
const unescaped = (text: string): string =>
  text.replace(/\\\\x([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
