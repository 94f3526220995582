import { UserError } from '../../schemas/errors.ts'
import { hasText, type TraceRow } from './trace-row.ts'

/**
 * A request as a line of a Mooncake trace.
 *
 * A prompt that holds its history is written without its session, since answers would otherwise be put in
 * front of it.
 *
 * @throws UserError for what such a trace has no place for
 */
export function traceLine(row: TraceRow): string {
  const { dueNs, delayMs, sessionId, inputTokens, outputTokens, hashIds, rest, isWhole } = row
  if (row.system !== null)
    throw new UserError(
      'a Mooncake trace has no place for a system prompt',
      'describe and validate read such files; record takes them with --input-file as they are',
    )
  const fields = {
    ...(dueNs === null ? (delayMs > 0 ? { delay: delayMs } : {}) : { timestamp: dueNs / 1e6 }),
    ...(sessionId === null || isWhole ? {} : { session_id: sessionId }),
    ...(hasText(row) ? {} : { input_length: inputTokens }),
    ...(outputTokens === null || 'payload' in rest ? {} : { output_length: outputTokens }),
    ...(hashIds ? { hash_ids: hashIds } : {}),
    ...rest,
  }
  return `${JSON.stringify(fields)}\n`
}
