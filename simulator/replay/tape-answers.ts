import { DuckDBInstance } from '@duckdb/node-api'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { verifyTape } from '../../schemas/digests.ts'
import { reasonOf, UserError } from '../../schemas/errors.ts'
import type { EventKind } from '../../schemas/tables.ts'
import { readManifest, type TableFiles, tableFiles } from '../../schemas/tape.ts'

/**
 * What a tape says that a server did with one request. Times are ns since the request was sent.
 *
 * A request that the recorder sent again on a fresh connection has two: the first broke off.
 */
export type TapeAnswer = {
  sentNs: number
  /** The start of the SHA-256 of the request's body, as on the tape. */
  bodyDigest: string
  /** Null where none came. */
  head: { atNs: number; status: number; headers: Record<string, string> } | null
  reads: { atNs: number; bytes: Uint8Array }[]
  /** Null where the recorder stopped before. */
  end: { atNs: number; failure: string | null } | null
}

type Row = [id: number, kind: EventKind, atNs: bigint, status: number, data: Uint8Array | null]

/** Headers that the answer's own framing gives anew. */
const OWN = new Set(['content-length', 'transfer-encoding', 'connection'])

/**
 * Reads all answers of a tape, in the order in which their requests were sent. They are held in memory.
 *
 * @throws UserError when the path is no tape, a file of it cannot be read, or no request on it was sent
 */
export async function tapeAnswers(tape: string): Promise<TapeAnswer[]> {
  await verifyTape(tape, readManifest(tape))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    connection.registerTableFunction(arrowScan(new Map()))
    const answers = new Map<number, TapeAnswer[]>()
    // A request's events stand in one file, in the order in which they happened.
    for (const source of tableFiles(tape, 'events'))
      await eachRow(connection, source, 'events', EVENT_COLUMNS, row => {
        addEvent(answers, row as Row)
      })
    for (const source of tableFiles(tape, 'requests'))
      await eachRow(connection, source, 'requests', 'request_id, body_digest', row => {
        const [id, digest] = row as [number, string]
        for (const answer of answers.get(id) ?? []) answer.bodyDigest = digest
      })
    if (answers.size === 0)
      throw new UserError(
        `--replay: ${tape}: no request was sent in this run`,
        'name the tape of a run that got answers; tokentape describe TAPE says what it has',
      )
    return [...answers.values()].flat().sort((a, b) => a.sentNs - b.sentNs)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

const EVENT_COLUMNS = 'request_id, kind::varchar, at_ns, status, data'

/** @throws UserError naming the file, where it cannot be read or a row is not as a recorder writes it */
async function eachRow(
  connection: Awaited<ReturnType<DuckDBInstance['connect']>>,
  { path, state }: TableFiles,
  table: 'events' | 'requests',
  columns: string,
  take: (row: unknown) => void,
): Promise<void> {
  const name = `'${path.replaceAll("'", "''")}'`
  // DuckDB would take `*`, `?` and `[` of a path for patterns.
  const literal = name.replace(/[*?[]/g, '[$&]')
  const from =
    state === 'sealed'
      ? `read_parquet(${literal}, hive_partitioning = false)`
      : `read_arrow_log(${name}, '${table}')`
  try {
    const streamed = await connection.stream(`select ${columns} from ${from}`)
    for await (const rows of streamed.yieldRowsJs()) for (const row of rows) take(row)
  } catch (error) {
    throw new UserError(
      `${path}: cannot be read: ${reasonOf(error).split('\n')[0]}`,
      'restore it from a copy of the tape, or record again',
    )
  }
}

function addEvent(answers: Map<number, TapeAnswer[]>, [id, kind, at, status, data]: Row): void {
  const tries = answers.get(id)
  const answer = tries?.at(-1)
  if (!answer) {
    if (kind === 'sent') answers.set(id, [sentAt(Number(at))])
    return
  }
  const atNs = Number(at) - answer.sentNs
  if (kind === 'headers') answer.head = { atNs, status, headers: headersIn(data) }
  else if (kind === 'read') answer.reads.push({ atNs, bytes: Uint8Array.from(data ?? []) })
  else if (kind === 'end') answer.end = { atNs, failure: null }
  else if (kind === 'error' || kind === 'retry')
    answer.end = { atNs, failure: objectIn(data)['code'] ?? '' }
  if (kind === 'retry') tries!.push(sentAt(Number(at)))
}

const sentAt = (sentNs: number): TapeAnswer => ({
  sentNs,
  bodyDigest: '',
  head: null,
  reads: [],
  end: null,
})

const headersIn = (data: Uint8Array | null): Record<string, string> =>
  Object.fromEntries(Object.entries(objectIn(data)).filter(([name]) => !OWN.has(name)))

const objectIn = (data: Uint8Array | null): Record<string, string> =>
  data && data.length > 0 ? JSON.parse(Buffer.from(data).toString()) : {}
