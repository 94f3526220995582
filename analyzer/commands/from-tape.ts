import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { readManifest } from '../../schemas/tape.ts'
import { withTapes } from '../with-tapes.ts'

/** A request of a trace; see `TraceRow` of the recorder's traces, which is the same. */
type TraceRow = {
  dueNs: number
  delayMs: number
  sessionId: string | null
  inputTokens: number | null
  outputTokens: number | null
  hashIds: number[] | null
  rest: Record<string, unknown>
  isWhole: boolean
  system: string | null
}

type Flags = { output?: string; force?: boolean; tokenizer?: string; useServerTokenCount?: boolean }

/** Writes a trace; the command line hands it in, since traces are the recorder's. */
export type WriteTrace = (
  rows: TraceRow[],
  flags: Flags,
  dataset: { kind: string; blockTokens: number | null },
) => void

/** `trace from-tape <tape>`: the trace of a recorded run, to be replayed. */
export const fromTapeCommand = (io: Io, write: WriteTrace): Command =>
  new Command('from-tape')
    .description('the trace of a recorded run: arrivals, lengths, hash ids')
    .argument('<tape>', 'a directory that tokentape record wrote')
    .option('-o, --output <file>', 'the trace to write (default: to standard output)')
    .option('--force', 'replace a file that exists')
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .action(async (path: string, flags: Flags) => {
      const found = await withTapes([path], flags, io, tapes =>
        tapes.query('select * from sent_trace order by due_ns, request_id'),
      )
      const timed = found.filter(row => row['input_tokens'] !== null)
      if (timed.length === 0)
        throw new UserError(
          `${path} has no request whose input length is known`,
          found.length === 0 ? 'nothing was sent' : '--use-server-token-count may know it',
        )
      const notes = [
        ...(timed.length < found.length
          ? [
              `${found.length - timed.length} requests are left out: their input length is not known`,
            ]
          : []),
        ...(timed.some(row => row['hash_ids'] !== null)
          ? []
          : ['the tape has no hash ids: a replay makes prompts up that share nothing']),
      ]
      for (const note of notes) io.err(`note: ${note}\n`)
      const { plan, dataset } = readManifest(path)
      const workload = plan['workload'] as { blockTokens?: number | null } | undefined
      write(timed.map(traceRow), flags, {
        kind: dataset.kind,
        blockTokens: workload?.blockTokens ?? null,
      })
    })

const traceRow = (row: Record<string, unknown>): TraceRow => ({
  dueNs: Number(row['due_ns']),
  delayMs: 0,
  sessionId: row['session_id'] as string | null,
  inputTokens: Number(row['input_tokens']),
  outputTokens: row['output_tokens'] === null ? null : Number(row['output_tokens']),
  hashIds: (row['hash_ids'] as unknown[] | null)?.map(Number) ?? null,
  rest: {},
  isWhole: false,
  system: null,
})
