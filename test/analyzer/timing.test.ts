import { expect, test } from 'vitest'
import { redactor } from '../../recorder/timing-only.ts'
import { analyze } from '../support/analyze.ts'
import {
  chatChunk,
  DONE,
  openLiteral,
  type RequestLiteral,
  usageChunk,
  writeTape,
} from '../support/tape.ts'

/** Reads as `--keep timing` leaves them: one redactor an answer, over every cut. */
function timingOnly(
  reads: [at: number, body: string][],
  stream = true,
): NonNullable<RequestLiteral['reads']> {
  const redact = redactor(stream)
  return reads.map(([at, body]) => {
    const bytes = Buffer.from(body)
    redact(bytes)
    return [at, bytes]
  })
}

const answer = (sent: number): [number, string][] => [
  [sent + 10, chatChunk({ role: 'assistant', content: '' })],
  [sent + 30, chatChunk({ reasoning_content: 'Let me "think"\n' })],
  [sent + 50, chatChunk({ content: ' a secret' }) + chatChunk({ content: ' in one read' })],
  [sent + 70, chatChunk({ content: ' caf\u00e9' }).slice(0, -9)],
  [sent + 75, chatChunk({ content: ' caf\u00e9' }).slice(-9)],
  [
    sent + 80,
    chatChunk({}, 'stop') +
      usageChunk({
        prompt_tokens: 7,
        completion_tokens: 9,
        completion_tokens_details: { reasoning_tokens: 4 },
      }) +
      DONE,
  ],
]

const REQUESTS: RequestLiteral[] = [
  { sent: 0, reads: timingOnly(answer(0)), requested_output_tokens: 9 },
  { sent: 100, reads: timingOnly(answer(100)), requested_output_tokens: 9 },
  {
    sent: 200,
    status: 429,
    responseHeaders: { 'content-type': 'application/json' },
    reads: timingOnly(
      [[210, '{"error":{"message":"a secret","type":"rate_limit","code":429}}']],
      false,
    ),
  },
]
const FACTS = {
  manifest: {
    keep: 'timing' as const,
    outcome: 'completed' as const,
    tokenizer: { id: 'builtin', digest: '' },
  },
}

test('a tape of --keep timing gives times, gaps and kinds as if the text were there', async () => {
  const timing = await openLiteral(REQUESTS, FACTS)
  const raw = await openLiteral(
    [0, 100].map(sent => ({ sent, reads: answer(sent), requested_output_tokens: 9 })),
    {},
    { tokenizerOf: () => undefined },
  )
  // Not text_bytes: an escape keeps the length that it has on the wire.
  for (const query of [
    'select kind, at_ns, gap_ns, read_seq, messages_in_read, content_index, finish_reason, completion_tokens from messages where request_id < 2 order by request_id, message_index',
    'select * exclude (detail) from requests where request_id < 2 order by request_id',
    `select * from samples where metric in ('time_to_first_token', 'inter_token_latency', 'inter_chunk_latency', 'output_sequence_length') order by all`,
  ])
    expect(await timing.query(query)).toEqual(await raw.query(query))
  expect(
    await timing.query(
      'select output_tokens, output_tokens_source, outcome from requests order by request_id',
    ),
  ).toEqual([
    { output_tokens: 9, output_tokens_source: 'server', outcome: 'ok' },
    { output_tokens: 9, output_tokens_source: 'server', outcome: 'ok' },
    { output_tokens: null, output_tokens_source: null, outcome: 'http_error' },
  ])
})

test('its report', async () => {
  const { code, out, err } = await analyze('report', await writeTape(REQUESTS, FACTS))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).not.toContain('secret')
  await expect(out).toMatchFileSnapshot('../golden/report-timing.txt')
})
