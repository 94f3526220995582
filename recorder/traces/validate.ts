import type { Answer } from './answer.ts'
import { scanTrace, type TraceOptions } from './trace-file.ts'

/** Rules broken that are listed; the rest are counted. */
const LISTED = 20

/** Checks every row of a trace and lists what is broken: `file:line` and which rule. */
export function validateTrace(
  file: string,
  options: TraceOptions,
): { isValid: boolean; answer: Answer } {
  const trace = scanTrace(file, options)
  const { nFaults, faults, nRequests, nOutOfOrder } = trace
  const isValid = nFaults === 0 && nRequests > 0
  const verdict = isValid
    ? `${file}: ${nRequests.toLocaleString('en-US')} requests of ${trace.type}, every row is good`
    : nRequests === 0 && nFaults === 0
      ? `${file}: no rows`
      : `${file}: ${nFaults.toLocaleString('en-US')} broken rows, ${nRequests.toLocaleString('en-US')} good requests of ${trace.type}`
  const listed = faults.slice(0, LISTED)
  const table = {
    columns: ['where', 'rule'],
    rows: listed.map(({ place, rule }) => [place, rule]),
    notes: nFaults > listed.length ? [`and ${nFaults - listed.length} more`] : [],
  }
  return {
    isValid,
    answer: {
      head: [verdict, ...trace.notes],
      tables: listed.length === 0 ? [] : [table],
      csv: table,
      json: {
        file,
        type: trace.type,
        valid: isValid,
        requests: nRequests,
        out_of_order: nOutOfOrder,
        broken_rows: nFaults,
        notes: trace.notes,
        faults: listed,
      },
    },
  }
}
