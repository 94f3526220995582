import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { openTrace } from '../../../recorder/traces/open-trace.ts'
import type { TraceFile } from '../../../recorder/traces/trace-file.ts'
import type { TraceRow } from '../../../recorder/traces/trace-row.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokentape-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let nFiles = 0

/** A file of lines: objects become JSON. */
export function traceFileOf(lines: unknown[]): string {
  const file = join(folder, `trace-${nFiles++}.jsonl`)
  const text = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line)))
  writeFileSync(file, text.map(line => `${line}\n`).join(''))
  return file
}

export const traceOf = (
  lines: unknown[],
  options: Partial<Parameters<typeof openTrace>[1]> = {},
): TraceFile =>
  openTrace(traceFileOf(lines), {
    type: null,
    blockTokens: null,
    skipBadRows: false,
    ...options,
  })

/** A request in short: due ms, input, output, ids. */
export const short = ({ dueNs, inputTokens, outputTokens, hashIds }: TraceRow) => [
  dueNs === null ? null : dueNs / 1e6,
  inputTokens,
  outputTokens,
  ...(hashIds ? [hashIds] : []),
]

/** Requests of a random trace, in order of time; prefixes grow as a tree. */
export function randomTrace(next: () => number, nRows: number, blockTokens = 512) {
  let at = 0
  let fresh = 0
  const paths: number[][] = [[]]
  return Array.from({ length: nRows }, (_, i) => {
    at += Math.floor(next() * 5) * 100 + (next() < 0.1 ? 0.25 : 0)
    const front = paths[Math.floor(next() * paths.length)]!
    const ids = [...front, ...Array.from({ length: 1 + Math.floor(next() * 4) }, () => fresh++)]
    paths.push(ids.slice(0, 1 + Math.floor(next() * ids.length)))
    const last = 1 + Math.floor(next() * blockTokens)
    return {
      timestamp: at,
      ...(i % 3 === 0 ? { session_id: `s${Math.floor(next() * 5)}` } : {}),
      input_length: (ids.length - 1) * blockTokens + last,
      output_length: 1 + Math.floor(next() * 100),
      hash_ids: ids,
    }
  })
}
