import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { arrowScan } from '../../schemas/arrow-scan.ts'
import { fileDigest, tapeDigests } from '../../schemas/digests.ts'
import { UserError } from '../../schemas/errors.ts'
import type { Manifest } from '../../schemas/manifest.ts'
import { TABLES } from '../../schemas/tables.ts'
import { FORMAT_VERSION, writeManifest } from '../../schemas/tape.ts'
import { beside } from '../beside.ts'
import { STORED_COLUMNS } from '../decode/messages-table.ts'
import { DuckDBInstance } from '../duckdb.ts'
import { quoted } from '../quoted.ts'
import { emptyTable } from '../tape-relations.ts'
import { addRequest, IMPORTED, type Logs } from './imported-rows.ts'
import type { ImportedRequest, ImportedRun } from './importer.ts'
import { rowLog } from './row-log.ts'

export type ImportCounts = { requests: number; failed: number }

/**
 * Writes a run of another tool as a sealed tape: beside its place, and moved there when it is whole.
 *
 * An imported tape has no bytes to decode, so it brings its messages with it. Its events have no reads.
 *
 * @param number  which run of its file, where that holds several
 * @throws UserError when the run has no request, or a file is not as the tool writes it
 */
export async function writeImportedTape(
  run: ImportedRun,
  tape: string,
  { tool, number, replace }: { tool: string; number: number | undefined; replace: boolean },
): Promise<ImportCounts> {
  return beside(tape, async folder => {
    // Not the folder itself: that is for nobody else to read.
    const making = join(folder, basename(tape))
    mkdirSync(making)
    const logOf = (table: keyof typeof IMPORTED): string => join(folder, `${table}.arrows`)
    const counts = writeLogs(run, logOf)
    if (counts.requests === 0)
      throw new UserError(
        `${run.files[0]}: holds no request`,
        'name the results of a run with requests',
      )
    const files = await Promise.all(
      run.files.map(async file => ({
        name: basename(file),
        sha256: (await fileDigest(file)).sha256,
      })),
    )
    const runId = `${tool}-${files[0]!.sha256.slice(0, 12)}${number === undefined ? '' : `-${number}`}`
    const shiftNs = await storeTables(logOf, making, runId)
    writeManifest(making, {
      ...manifestOf(run, { runId, tool, files, shiftNs }),
      digests: await tapeDigests(making),
    })
    if (replace) rmSync(tape, { recursive: true, force: true })
    renameSync(making, tape)
    return counts
  })
}

function writeLogs(run: ImportedRun, logOf: (table: keyof Logs) => string): ImportCounts {
  const logs = Object.fromEntries(
    (Object.keys(IMPORTED) as (keyof Logs)[]).map(table => [
      table,
      rowLog(logOf(table), IMPORTED[table]),
    ]),
  ) as unknown as Logs
  const counts = { requests: 0, failed: 0 }
  for (const request of run.requests) {
    if (!instantsOf(request).every(Number.isSafeInteger))
      throw new UserError(
        `${run.files[0]}: request ${counts.requests}: an instant of it is more than 104 days from the others`,
        'name the results of one run, as the tool wrote them',
      )
    addRequest(counts.requests++, request, logs)
    if (request.failure) counts.failed++
  }
  for (const log of Object.values(logs)) log.end()
  return counts
}

/** What is known of when things happened to a request: whole nanoseconds, exact below 2^53. */
const instantsOf = (request: ImportedRequest): number[] =>
  [
    ...[request.scheduledNs, request.dequeuedNs, request.sentNs, request.headersNs, request.endNs],
    ...request.content.map(({ atNs }) => atNs),
  ].filter(at => at !== null)

/** Turns the logs into the Parquet files of a tape; returns by how much they begin before the zero. */
async function storeTables(
  logOf: (table: keyof Logs) => string,
  tape: string,
  runId: string,
): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { temp_directory: dirname(tape) })
  const connection = await instance.connect()
  try {
    connection.registerTableFunction(arrowScan(new Map(), IMPORTED))
    const rows = (table: keyof Logs): string =>
      `read_arrow_log(${quoted(logOf(table))}, '${table}')`
    const shiftNs = await beforeZero(connection, rows('events'))
    const shifted = `replace (at_ns + ${shiftNs} as at_ns)`
    const selects = {
      events: `select * exclude run_id from (${emptyTable(TABLES.events)}
        union all by name select * ${shifted} from ${rows('events')}) order by at_ns nulls last, request_id`,
      requests: `select * exclude run_id from (${emptyTable(TABLES.requests)}
        union all by name from ${rows('requests')})`,
      messages: `select ${STORED_COLUMNS} from (select * ${shifted} from ${rows('messages')})`,
    }
    for (const [table, select] of Object.entries(selects)) {
      await connection.run(`copy (${select}) to ${quoted(join(tape, `${table}-0.parquet`))}
        (format parquet, parquet_version v2, compression zstd,
         kv_metadata {tokentape_format_version: '${FORMAT_VERSION}', run_id: ${quoted(runId)}})`)
      rmSync(logOf(table as keyof Logs))
    }
    return shiftNs
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function beforeZero(connection: DuckDBConnection, events: string): Promise<number> {
  const reader = await connection.runAndReadAll(
    `select greatest(-min(at_ns), 0)::bigint as ns from ${events}`,
  )
  return Number(reader.getRowsJS()[0]![0])
}

function manifestOf(
  run: ImportedRun,
  about: {
    runId: string
    tool: string
    files: { name: string; sha256: string }[]
    shiftNs: number
  },
): Manifest {
  const { startedAtUnixNs, outcome } = run
  return {
    format: 'tokentape',
    format_version: FORMAT_VERSION,
    state: 'sealed',
    run_id: about.runId,
    started_at_unix_ns:
      startedAtUnixNs === null ? null : String(BigInt(startedAtUnixNs) - BigInt(about.shiftNs)),
    monotonic_zero_ns: null,
    ...(outcome ? { outcome } : {}),
    imported: {
      tool: about.tool,
      files: about.files,
      starts_known: run.startsKnown,
      ...(run.chunk ? { chunk: run.chunk } : {}),
      unknown: run.unknown,
    },
    argv: [],
    plan: run.plan,
    seed: null,
    keep: 'timing',
    lanes: 1,
    shard: { index: 0, of: 1 },
    endpoint: {
      type: run.endpointType,
      streaming: run.streaming,
      urls: [],
      model: run.model ?? 'unknown',
    },
    dataset: { kind: 'unknown', digest: '' },
    tokenizer: { id: 'unknown', digest: '' },
    clock: { source: about.tool, kernel_clocksource: null },
    host: {},
  }
}
