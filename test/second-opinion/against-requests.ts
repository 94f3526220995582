import type { Opinion } from './opinion.ts'
import { REQUEST_METRICS, secondContentNs } from './request-metrics.ts'
import type { Request } from './requests.ts'
import { type Comparable, compare, type Tally } from './tally.ts'
import { plain, type Row, type RowsOf } from './told.ts'

/** Columns of `requests` and what they hold here. */
const REQUEST_COLUMNS: Record<string, (request: Request) => Comparable> = {
  outcome: r => r.outcome,
  status: r => r.status,
  phase: r => r.asked.phase,
  scheduled_ns: r => r.scheduledNs,
  dequeued_ns: r => r.dequeuedNs,
  connected_ns: r => r.connectedNs,
  sent_ns: r => r.sentNs,
  body_sent_ns: r => r.bodySentNs,
  headers_ns: r => r.headersNs,
  first_content_ns: r => r.contents[0]?.atNs,
  second_content_ns: secondContentNs,
  last_content_ns: r => r.contents.at(-1)?.atNs,
  end_ns: r => r.endNs,
  input_tokens: r => r.inputTokens,
  output_tokens: r => r.outputTokens,
  client_output_tokens: r => r.clientOutputTokens,
  client_reasoning_tokens: r => r.clientReasoningTokens,
  usage_prompt_tokens: r => r.usage?.prompt,
  usage_completion_tokens: r => r.usage?.completion,
  usage_reasoning_tokens: r => r.usage?.reasoning,
  usage_cached_tokens: r => r.usage?.cached,
  n_reads: r => r.nReads,
  answer_bytes: r => (r.nReads === 0 ? null : r.answerBytes),
}

/** Compares the rows of `requests` and of `request_metrics` of a run. */
export async function againstRequests(
  to: Tally,
  runId: string,
  mine: Opinion,
  rowsOf: RowsOf,
  except: string[],
): Promise<void> {
  const rows = (await rowsOf('requests', 'request_id')).get(runId) ?? []
  compare(to, 'requests', mine.requests.length, rows.length, 0)
  for (const [i, request] of mine.requests.entries())
    for (const [column, of] of Object.entries(REQUEST_COLUMNS))
      compare(to, `requests.${column} of ${request.id}`, of(request), plain(rows[i]?.[column]), 0)
  const values = (await rowsOf('request_metrics', 'request_id')).get(runId) ?? []
  for (const [name, [column]] of Object.entries(REQUEST_METRICS))
    if (!except.includes(name)) compareColumn(to, name, column, mine, values)
}

/** A metric that a request has no value of is NULL in its row. */
function compareColumn(to: Tally, name: string, column: string, mine: Opinion, rows: Row[]): void {
  const values = new Map(mine.samples.get(name)!.map(({ id, value }) => [id, value]))
  const divisor = column.endsWith('_ms') ? 1e6 : 1
  for (const row of rows) {
    const id = Number(row['request_id'])
    const value = values.get(id)
    const here = value === undefined ? null : value / divisor
    compare(to, `request_metrics.${column} of ${id}`, here, plain(row[column]), 1)
  }
}

/** Compares the samples of each metric that is no column of `request_metrics`, in ascending order within each request. */
export async function againstSamples(
  to: Tally,
  runId: string,
  mine: Opinion,
  rowsOf: RowsOf,
  except: string[],
): Promise<void> {
  for (const [name, samples] of mine.samples) {
    if (except.includes(name) || REQUEST_METRICS[name]) continue
    const rows = (await rowsOf(name, 'run_id, request_id, value')).get(runId) ?? []
    const sorted = [...samples].sort((a, b) => a.id - b.id || ascending(a.value, b.value))
    compare(to, `samples of ${name}`, sorted.length, rows.length, 0)
    for (const [i, { id, value }] of sorted.entries()) {
      const row = rows[i] ?? {}
      compare(to, `request of sample ${i} of ${name}`, id, plain(row['request_id']), 0)
      compare(to, `${name} of ${id}`, value, plain(row['value']), 1)
    }
  }
}

/** Infinities are equal. */
const ascending = (a: number, b: number): number => (a === b ? 0 : a - b)
