import type { Manifest } from '../schemas/manifest.ts'
import { quoted } from './quoted.ts'

/**
 * What the rows of a file in `derived/` say of the tape that they are of, beside `run_id` and `lane`: so that any engine
 * can put runs together, and take files of one tokenizer and one source of tokens.
 *
 * Instants there are since the tape's own zero, of which this has the wall clock. Where a run's zero lies depends on which
 * of its shards are looked at together; relations have neither the columns nor their own zero.
 */
export const ORIGIN = ['shard', 'started_at_unix_ns', 'tokenizer_digest'] as const

/** These columns, with the constants of a tape, as part of a SELECT. */
export const originOf = (
  { shard, started_at_unix_ns: started }: Manifest,
  tokenizerDigest: string | undefined,
): string =>
  [
    `${shard.index}::bigint as shard`,
    `${started}::bigint as started_at_unix_ns`,
    `${tokenizerDigest === undefined ? 'null' : quoted(tokenizerDigest)}::varchar as tokenizer_digest`,
  ].join(', ')
