import { closeSync, openSync, writevSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import { arrowEncoder } from '../../schemas/arrow-encoder.ts'
import { UserError } from '../../schemas/errors.ts'
import { EVENT_KINDS, type EventKind } from '../../schemas/tables.ts'
import type { TableFiles } from '../../schemas/tape.ts'
import { type Answer, answer, type Headers } from './answer.ts'
import { eventsOf } from './event-source.ts'
import { type MessageBatch, messageBatch } from './message-batch.ts'
import { MESSAGES } from './messages-table.ts'
import type { TokenCounter } from './tokens.ts'
import { writeRows } from './write-rows.ts'

const code = (kind: EventKind): number => EVENT_KINDS.indexOf(kind)
const HEADERS = code('headers')
const READ = code('read')
const END = code('end')
const ERROR = code('error')

/**
 * Decodes one lane's events into the messages they carry, in one pass.
 *
 * Memory holds the answers in flight and one batch. The rows of an answer are written together, when
 * it ends: the tokens of a message are known only once the whole text is.
 *
 * @param target  the Arrow stream to write
 * @returns       how many messages there were
 */
export async function decodeFile(
  source: TableFiles,
  target: string,
  connection: DuckDBConnection,
  tokenizer: TokenCounter | undefined,
  stopped: () => boolean = () => false,
): Promise<number> {
  const encoder = arrowEncoder(MESSAGES)
  const file = openSync(target, 'w')
  let written = 0
  const batch = messageBatch(columns => {
    written += columns.length
    writevSync(file, encoder.batch(columns))
  })
  try {
    await decodeEvents(
      { ...source, batches: eventsUntil(stopped, source, connection) },
      tokenizer,
      batch,
    )
    batch.flush()
    writevSync(file, encoder.end())
  } finally {
    closeSync(file)
  }
  return written
}

async function* eventsUntil(
  stopped: () => boolean,
  source: TableFiles,
  connection: DuckDBConnection,
): ReturnType<typeof eventsOf> {
  for await (const events of eventsOf(source, connection)) {
    if (stopped()) throw new Error(`${source.path}: decoding was stopped`)
    yield events
  }
}

async function decodeEvents(
  { path, batches }: { path: string; batches: ReturnType<typeof eventsOf> },
  tokenizer: TokenCounter | undefined,
  batch: MessageBatch,
): Promise<void> {
  const answers = new Map<number, Answer>()
  for await (const events of batches) {
    for (let i = 0; i < events.length; i++) {
      const kind = events.kind[i]!
      if (kind !== READ && kind !== HEADERS && kind !== END && kind !== ERROR) continue
      const id = events.requestId[i]!
      const data = events.data[i]!
      const start = events.start[i]!
      const end = events.end[i]!
      if (kind === ERROR) objectIn(data.toString('utf8', start, end), 'error', path)
      let found = answers.get(id)
      if (kind === READ || kind === HEADERS) {
        if (!found) {
          found = answer()
          answers.set(id, found)
        }
        if (kind === READ) found.read(events.atNs[i]!, data, start, end)
        else
          found.headers(
            events.status[i]!,
            objectIn(data.toString('utf8', start, end), 'headers', path) as Headers,
          )
      } else if (found) {
        answers.delete(id)
        found.end(kind === END)
        writeRows(id, found.rows, tokenizer, batch)
      }
    }
  }
  // Cut by a crash: what had come by then.
  for (const [id, { rows }] of answers) writeRows(id, rows, tokenizer, batch)
}

/** What a row that is no read says, for SQL to read too. */
function objectIn(json: string, kind: EventKind, path: string): object {
  if (json === '') return {}
  try {
    const said: unknown = JSON.parse(json)
    if (typeof said === 'object' && said !== null) return said
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new UserError(
    `${path}: data of a row of kind ${kind} is no JSON object: ${json.slice(0, 80)}`,
    'restore the file that was there, or record again',
  )
}
