import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import type { Row } from '../rows.ts'
import type { Run } from '../runs.ts'
import type { Exporter } from './exporter.ts'
import { rowsByRange } from './request-ranges.ts'
import { type TextFile, writeText } from './text-file.ts'

/**
 * A trace in Chrome's JSON, which ui.perfetto.dev opens: a process a run, a track a request, a counter of
 * requests in flight. Instants are microseconds since the run's zero, exact to the nanosecond.
 *
 * @see  the Trace Event Format of Chromium: phases X (span), i (instant), C (counter), M (name)
 */
export const perfetto: Exporter = {
  summary: 'a trace for ui.perfetto.dev: a track a request',
  writes: 'file',
  holdsSeveral: true,
  async write(tapes, runs, path) {
    await writeText(path, async file => {
      const add = eventsInto(file)
      for (const [i, run] of runs.entries()) await writeRun(tapes, run, i + 1, add)
      file.add('\n]}\n')
    })
  },
}

type Add = (event: object) => void

async function writeRun(tapes: Tapes, run: Run, pid: number, add: Add): Promise<void> {
  const { run_id } = run.manifest
  add({ ph: 'M', name: 'process_name', pid, args: { name: run_id } })
  let named: unknown
  for await (const row of rowsByRange(tapes, run, 'trace_spans')) {
    const track = trackOf(pid, row)
    if (row['request_id'] !== named) {
      named = row['request_id']
      add({ ph: 'M', name: 'thread_name', ...track, args: { name: `request ${named}` } })
    }
    add({ ph: 'X', ...track, ts: us(row['from_ns']), dur: us(row['ns']), ...spanOf(row) })
  }
  for await (const row of rowsByRange(tapes, run, 'trace_instants')) {
    const about = { name: row['name'], cat: 'message', args: known(row, INSTANT_FACTS) }
    add({ ph: 'i', s: 't', ...trackOf(pid, row), ts: us(row['at_ns']), ...about })
  }
  const counts = await tapes.query(`from trace_in_flight where run_id = ${quoted(run_id)}`)
  for (const row of counts) {
    const about = { name: 'requests in flight', args: { requests: row['in_flight'] } }
    add({ ph: 'C', pid, tid: 0, ts: us(row['at_ns']), ...about })
  }
}

const SPAN_FACTS = [
  ...['request_id', 'phase', 'outcome', 'status', 'detail'],
  ...['input_tokens', 'output_tokens', 'session_id'],
]
const INSTANT_FACTS = ['tokens', 'choice', 'messages_in_read']

const trackOf = (pid: number, row: Row): object => ({ pid, tid: Number(row['request_id']) + 1 })

/** The span of all of a request says what it was; its parts are only named. */
function spanOf(row: Row): object {
  if (row['name'] !== 'request') return { name: row['name'], cat: 'request' }
  const name = row['outcome'] === 'ok' ? 'request' : `request: ${row['outcome']}`
  return { name, cat: 'request', args: known(row, SPAN_FACTS) }
}

const known = (row: Row, names: string[]): object =>
  Object.fromEntries(names.filter(name => row[name] !== null).map(name => [name, row[name]]))

/** Below 2^53 ns a double of microseconds keeps the nanosecond. */
const us = (ns: unknown): number => Number(ns) / 1000

/** Adds events to the list of the trace, one a line. */
function eventsInto(file: TextFile): Add {
  let separator = '{"displayTimeUnit":"ns","traceEvents":[\n'
  return event => {
    file.add(separator + JSON.stringify(event))
    separator = ',\n'
  }
}
