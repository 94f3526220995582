import { existsSync } from 'node:fs'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { ScanEnds } from '../schemas/arrow-scan.ts'
import { reasonOf } from '../schemas/errors.ts'
import type { Manifest } from '../schemas/manifest.ts'
import { TABLES, type TableName } from '../schemas/tables.ts'
import { readManifest, tableFiles, tapeGone } from '../schemas/tape.ts'
import { temporaryFolder } from '../schemas/temporary.ts'
import type { TokenCounter } from './decode/tokens.ts'
import { DuckDBInstance } from './duckdb.ts'
import { checkFiles } from './foreign-file.ts'
import { checkInstants, checkLiveInstants } from './instants.ts'
import { lazyRelations, readsIn } from './lazy-relations.ts'
import {
  catalogueOf,
  type Metric,
  type Model,
  metricsOf,
  readModels,
  statementsOf,
} from './models.ts'
import { literalPath } from './parquet.ts'
import { projections } from './projections.ts'
import { quoted } from './quoted.ts'
import { plainRow, type Row } from './rows.ts'
import { type Run, runsOf, type Shard } from './runs.ts'
import { runsTable } from './tape-relations.ts'
import { verifyTapes } from './verify-tapes.ts'

export type OpenOptions = {
  /** Where notes go. */
  err(text: string): void
  /** What counts the tokens of a run; undefined where nothing can. */
  tokenizerOf?(manifest: Manifest): (TokenCounter & { id: string }) | undefined
  /** Whose token counts come first. */
  tokenSource?: 'client' | 'server'
}

/** Tapes as relations of one in-memory database. A relation is made when a query first names it. */
export type Tapes = {
  /** The database itself, for what `query` cannot do; what runs on it stands within `prepared`. */
  connection: DuckDBConnection
  /** @throws UserError where a tape that must be decoded for it is damaged */
  query(sql: string): Promise<Row[]>
  /** Runs something that asks `sql`, once all that it reads is there. */
  prepared<T>(sql: string, run: () => Promise<T>): Promise<T>
  /** Makes all relations, so that they can be listed. */
  prepareAll(): Promise<unknown>
  /** The folders that relations are read from: those of the tapes, and one for what cannot stand there. */
  folders: string[]
  /** The Parquet files of each tape's messages, decoding them where that has not been done. */
  messageFiles(): Promise<string[][]>
  /** In the order in which they were named. */
  runs: Run[]
  models: Model[]
  metrics: Metric[]
  close(): void
}

/** The quantiles that are set until a report asks for others. */
export const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]

/**
 * Opens tapes for analysis: checks their files against their digests, and is ready to make the relations over them.
 *
 * @throws UserError when a path is no tape, or a file in it is missing, foreign, cut or damaged;
 *   when a run is named twice, or shards do not belong together
 */
export async function openTapes(paths: string[], options: OpenOptions): Promise<Tapes> {
  const runs = runsOf(paths.map(path => ({ path, manifest: readManifest(path) })))
  const shards = runs.flatMap(run => run.shards)
  await verifyTapes(shards, options.err).catch(error => {
    throw goneOr(shards, error)
  })
  // A folder of its own for each analyzer.
  const temporary = temporaryFolder()
  const scratch = temporary.path
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: scratch,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const close = (): void => {
    connection.closeSync()
    instance.closeSync()
    temporary.remove()
  }
  try {
    await checkFiles(shards, connection)
    await checkInstants(shards, connection)
    const tornFiles = await readLive(shards, connection, options.err)
    // A tape without text has nothing to count: its answers are rows of x.
    const counters = shards.map(({ manifest }) =>
      manifest.keep === 'timing' ? undefined : options.tokenizerOf?.(manifest),
    )
    const opened = shards.map((shard, i) => ({
      ...shard,
      tornFiles: tornFiles[i]!,
      tokenizerId: counters[i]?.id,
    }))
    await connection.run(runsTable(opened))
    await connection.run(`set variable quantiles = [${QUANTILES.join(', ')}]`)
    const tokenSource = options.tokenSource ?? 'client'
    await connection.run(`set variable token_source = ${quoted(tokenSource)}`)
    const models = readModels()
    const made = projections(shards, counters, {
      connection,
      scratch,
      err: options.err,
      models,
      tokenSource,
    })
    const relations = lazyRelations([
      ...made.relations,
      ...[...statementsOf(models), ...catalogueOf(models)]
        .filter(({ name }) => !made.relations.some(relation => relation.name === name))
        .map(({ name, sql }) => ({ name, reads: readsIn(sql), make: () => connection.run(sql) })),
    ])
    const prepared = async <T>(sql: string, run: () => Promise<T>): Promise<T> => {
      let names = sql
      for (;;)
        try {
          await relations.prepare(names)
          return await run()
        } catch (error) {
          // A name that the query made itself, or that a model reads in an unusual way.
          names = unknownName(error)
          if (names === '' || !(await relations.prepare(names))) throw goneOr(shards, error)
        }
    }
    return {
      connection,
      prepared,
      prepareAll: relations.prepareAll,
      query: sql =>
        prepared(sql, async () =>
          (await connection.runAndReadAll(sql)).getRowObjectsJS().map(plainRow),
        ),
      // A path is checked as it is asked for, and as it is opened.
      folders: [scratch, ...shards.map(({ path }) => path)].flatMap(path => [
        path,
        literalPath(path),
      ]),
      messageFiles: made.messageFiles,
      runs,
      models,
      metrics: metricsOf(models),
      close,
    }
  } catch (error) {
    close()
    throw goneOr(shards, error)
  }
}

/** Whatever failed: where a tape is no longer there, that is why. */
function goneOr(shards: readonly Shard[], error: unknown): unknown {
  const gone = shards.find(({ path }) => !existsSync(path))
  return gone ? tapeGone(gone.path) : error
}

/** The relation or macro that a query did not find, or ''. */
const unknownName = (error: unknown): string =>
  /^Catalog Error: Table (?:Function )?with name "?(\w+)"? does not exist/.exec(
    reasonOf(error),
  )?.[1] ?? ''

/**
 * Reads the live files of tapes to their end, since nothing else tells where that is, and notes what they are.
 *
 * @returns  how many files of each tape have a torn end
 * @throws UserError where a whole batch has a row that no tape can have
 */
async function readLive(
  shards: Shard[],
  connection: DuckDBConnection,
  err: (text: string) => void,
): Promise<number[]> {
  const live = shards.map(({ path }) =>
    (Object.keys(TABLES) as TableName[]).flatMap(table =>
      tableFiles(path, table)
        .filter(({ state }) => state === 'live')
        .map(file => ({ table, path: file.path })),
    ),
  )
  const ends: ScanEnds = new Map()
  if (live.some(files => files.length > 0)) {
    const { arrowScan, endOf } = await import('../schemas/arrow-scan.ts')
    connection.registerTableFunction(arrowScan(ends))
    for (const { table, path } of live.flat()) {
      ends.set(path, endOf(path, TABLES[table]))
      const reader = `read_arrow_log(${quoted(path)}, '${table}')`
      await checkLiveInstants(path, table, reader, connection)
    }
  }
  return shards.map(({ path, manifest }, i) => {
    const torn = [...ends].filter(
      ([file, end]) => end.torn && live[i]!.some(each => each.path === file),
    )
    noteState(path, manifest, torn, err)
    return torn.length
  })
}

function noteState(
  path: string,
  { state }: Manifest,
  torn: [string, { torn?: string; rows: number }][],
  err: (text: string) => void,
): void {
  if (state === 'recording')
    err(`note: ${path}: not sealed: read as it is; to seal it: tokentape seal ${path}\n`)
  for (const [file, end] of torn)
    err(`note: ${file}: ${end.torn}; the ${end.rows} rows before that are read\n`)
}
