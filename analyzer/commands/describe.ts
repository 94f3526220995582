import { statSync } from 'node:fs'
import { Command } from 'commander'
import type { Io } from '../../schemas/io.ts'
import type { Imported, Manifest } from '../../schemas/manifest.ts'
import { TABLES, type TableName } from '../../schemas/tables.ts'
import { readManifest, tableFiles } from '../../schemas/tape.ts'
import { formatElapsed, ns } from '../../schemas/units.ts'
import { type Answer, type Cell, TABLE_FORMATS } from '../formats/tables.ts'
import { expandTapes } from '../tape-glob.ts'
import { verifyTapes } from '../verify-tapes.ts'
import { tableFormatOption } from '../with-tapes.ts'

/** `describe <tape…>`: what a tape is, from its manifest and its files. Reads no event, but to hold files against their digests. */
export const describeCommand = (io: Io): Command =>
  new Command('describe')
    .description('say what a tape is')
    .argument('<tape...>', 'directories that tokentape record wrote')
    .addOption(tableFormatOption())
    .action((paths: string[], flags: { format?: string }) => describe(paths, flags, io))

/** Prints the manifests of tapes for people. */
export async function describe(paths: string[], flags: { format?: string }, io: Io): Promise<void> {
  const found = expandTapes(paths).map(path => ({
    path,
    manifest: readManifest(path),
    files: filesOf(path),
  }))
  await verifyTapes(found, io.err)
  const answer: Answer = {
    tables: found.map(({ path, manifest, files }) => ({
      title: path,
      columns: ['', ''],
      rows: [
        ...factsOf(manifest),
        ...files.map(({ file, bytes }): [string, Cell] => [file, `${bytes} bytes`]),
      ],
    })),
    json: found.length === 1 ? found[0] : found,
  }
  io.out(TABLE_FORMATS[flags.format ?? 'text']!(answer))
}

const filesOf = (path: string): { file: string; bytes: number; state: string }[] =>
  ([...Object.keys(TABLES), 'messages'] as (TableName | 'messages')[]).flatMap(table =>
    tableFiles(path, table).map(({ path: file, state }) => ({
      file: file.slice(path.length).replace(/^\/+/, ''),
      bytes: statSync(file).size,
      state,
    })),
  )

function factsOf(run: Manifest): [string, Cell][] {
  const { shard, endpoint, ended_ns } = run
  const { started_at_unix_ns: unixNs, imported } = run
  const started = unixNs && new Date(Number(BigInt(unixNs) / 1_000_000n)).toISOString()
  return [
    ['run', run.run_id],
    ['state', run.state],
    [
      'outcome',
      run.outcome ?? (imported ? null : 'none: the recorder was killed, or is still recording'),
    ],
    ...(imported ? importedFacts(imported) : []),
    ...(run.failure ? [['failure', run.failure] as [string, Cell]] : []),
    ['started', started],
    ['took', ended_ns === undefined ? null : formatElapsed(ns(ended_ns))],
    ['command', imported ? null : `tokentape ${run.argv.join(' ')}`],
    ['model', endpoint.model],
    [
      'endpoint',
      `${endpoint.type}${endpoint.streaming ? ', streamed' : ''}: ${endpoint.urls.join(', ')}`,
    ],
    ...(run.preflight ?? []).map(({ url, model, status, error, took_ns }): [string, Cell] => [
      'asked before',
      `${url}, ${model}: ${status ?? error} after ${formatElapsed(ns(took_ns))}`,
    ]),
    ['dataset', `${run.dataset.kind} ${run.dataset.digest}`],
    ['tokenizer', `${run.tokenizer.id} ${run.tokenizer.digest}`],
    ['seed', seedsText(run)],
    ['kept', run.keep === 'raw' ? 'every byte' : 'times and lengths, no text'],
    ['lanes', String(run.lanes)],
    ...(shard.of > 1 ? [['shard', `${shard.index} of ${shard.of}`] as [string, Cell]] : []),
    [
      'clock',
      `${run.clock.source} over ${run.clock.kernel_clocksource ?? 'an unknown clock source'}`,
    ],
    ['format', `${run.format} ${run.format_version}`],
    ...Object.entries(run.host).map(([name, value]): [string, Cell] => [
      `host ${name}`,
      value === null
        ? null
        : typeof value === 'object'
          ? JSON.stringify(value)
          : // What /proc separates by tabs.
            String(value).replace(/\s+/g, ' '),
    ]),
  ]
}

/** The seed of the load, and that of the words where a later run has its own. */
function seedsText({ seed, plan }: Manifest): string | null {
  if (seed === null) return null
  const words = plan['promptSeed'] ?? seed
  return words === seed ? String(seed) : `${seed}, words of seed ${words}`
}

/** Where an imported tape came from, and what its source does not say. */
const importedFacts = ({ tool, files, unknown }: Imported): [string, Cell][] => [
  ['imported from', tool],
  ...files.map(({ name, sha256 }): [string, Cell] => ['file', `${name} SHA-256 ${sha256}`]),
  ...unknown.map((what): [string, Cell] => ['not known', what]),
]
