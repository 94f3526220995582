/** A column: its storage type, its unit ('' where it has none) and what it holds. */
export type Column = readonly [type: ColumnType, unit: string, doc: string]
export type ColumnType = keyof JsTypes
/** Columns by name. One that is added stands last and is nullable: logs without it read as NULL. */
export type Table = { readonly [column: string]: Column }

/** What may happen to a request. The position is the code stored while recording. */
export const EVENT_KINDS = [
  'scheduled',
  'dequeued',
  'connect',
  'sent',
  'body_sent',
  'headers',
  'read',
  'end',
  'error',
  'cancel',
  'retry',
] as const
export type EventKind = (typeof EVENT_KINDS)[number]

const BLANKED_BYTES = [
  'uint32?',
  'bytes',
  'bytes of the row that were a secret of the run and are overwritten; NULL where none were',
] as const

/** The event log: one row per thing that happened, in the order in which its lane saw it. */
export const EVENTS = {
  request_id: ['uint32', '', 'which request of the run, counted from 0 over all lanes'],
  kind: ['kind', '', 'what happened: see EVENT_KINDS and schemas/README.md'],
  at_ns: ['int64', 'ns', "when, since the run's monotonic zero"],
  status: ['uint16', '', 'HTTP status, with headers and end; 0 where there is none'],
  n_bytes: ['uint32', 'bytes', 'body bytes that the read brought; of end: body bytes in all'],
  data: ['bytes', '', "a read's body bytes; the headers kept; an error's code and detail as JSON"],
  blanked_bytes: BLANKED_BYTES,
} as const satisfies Table

/** What was asked: one row per request, written when it is dispatched. */
export const REQUESTS = {
  request_id: ['uint32', '', 'which request of the run'],
  lane: ['uint16', '', 'the lane that sent it'],
  phase: ['text', '', 'warmup or profiling'],
  session_id: ['text?', '', 'the session it belongs to, for multi-turn load'],
  turn: ['uint32', '', 'its turn in the session, counted from 0'],
  dataset_row: ['uint32?', '', 'the row of the dataset that it was made from'],
  input_tokens: [
    'uint32?',
    'tokens',
    "the whole prompt as sent (system, history, turn) by the run's tokenizer, without chat template",
  ],
  history_tokens: [
    'uint32?',
    'tokens',
    'those of them that the session had said before: system, turns, answers; NULL where not known',
  ],
  requested_output_tokens: ['uint32?', 'tokens', 'the output limit that was sent'],
  hash_ids: ['uint32[]?', '', 'ids of the prompt blocks, for traces with prefix sharing'],
  model: ['text', '', 'the model asked for'],
  url: ['text', '', 'where it was sent, without credentials'],
  body_bytes: ['uint32', 'bytes', 'length of the request body'],
  body_digest: ['text', '', 'SHA-256 of the request body, hexadecimal, first 32 digits'],
  body: ['bytes?', '', 'the request body, where it was kept'],
} as const satisfies Table

/** The recorder's own pulse, per lane, at least every 100 ms. Spans and counts are since the lane's last row. */
export const HEALTH = {
  lane: ['uint16', '', 'which lane'],
  at_ns: ['int64', 'ns', "when, since the run's monotonic zero"],
  loop_delay_max_ns: ['int64', 'ns', 'longest event-loop delay'],
  loop_delay_p99_ns: ['int64', 'ns', '99th percentile of the event-loop delay'],
  gc_minor_ns: ['int64', 'ns', 'time in minor garbage collections'],
  gc_major_ns: ['int64', 'ns', 'time in major garbage collections'],
  gc_other_ns: ['int64', 'ns', 'time in incremental and weak-callback collections'],
  gc_max_ns: ['int64', 'ns', 'longest garbage collection'],
  cpu_lane_ns: ['int64', 'ns', "CPU time of the lane's own thread"],
  cpu_process_ns: ['int64', 'ns', 'CPU time of the whole process, user and system'],
  run_queue_wait_ns: ['int64', 'ns', "time the lane's thread was runnable and had no core"],
  rss_bytes: ['int64', 'bytes', 'resident memory of the process'],
  in_flight: ['uint32', 'requests', 'requests in flight at this instant'],
  sent: ['uint32', 'requests', 'requests sent'],
  send_late_max_ns: ['int64', 'ns', 'worst lateness of a send against its due time'],
  reads: ['uint32', '', 'reads stamped'],
  reads_multi: ['uint32', '', 'reads that carried more than one SSE message'],
  bytes_buffered: ['int64', 'bytes', 'bytes stamped and not yet handed to the disk'],
  writer_wait_ns: ['int64', 'ns', 'time the lane stood still because the disk could not keep up'],
  unasked_reads: [
    'uint32?',
    '',
    'reads with bytes that no request had asked for; NULL in older tapes',
  ],
} as const satisfies Table

/** Metrics pages of the server, where the run was asked to fetch them: one row per fetch. */
export const SCRAPES = {
  url: ['text', '', 'the page, without credentials'],
  asked_ns: ['int64', 'ns', "when it was asked for, since the run's monotonic zero"],
  at_ns: [
    'int64',
    'ns',
    "when its last byte was there, or it failed, since the run's monotonic zero",
  ],
  status: ['uint16', '', 'HTTP status; 0 where there is none'],
  text: ['text?', '', 'the page as it came, in the Prometheus text format; NULL where none did'],
  error: ['text?', '', 'why there is no page'],
  blanked_bytes: BLANKED_BYTES,
} as const satisfies Table

/** The tables of a tape, by the stem of their files. */
export const TABLES = {
  events: EVENTS,
  requests: REQUESTS,
  health: HEALTH,
  scrapes: SCRAPES,
} as const
/** Those that every lane writes. */
export const LANE_TABLES = ['events', 'requests', 'health'] as const
export type TableName = keyof typeof TABLES

type JsTypes = {
  kind: EventKind
  uint8: number
  uint16: number
  uint32: number
  'uint32?': number | null
  int64: number | bigint
  'int64?': number | bigint | null
  text: string
  'text?': string | null
  bytes: Uint8Array
  'bytes?': Uint8Array | null
  'uint32[]?': number[] | null
}

/** A row of a table, as TypeScript sees it. */
export type RowOf<T extends Table> = { -readonly [K in keyof T]: JsTypes[T[K][0]] }
export type EventRow = RowOf<typeof EVENTS>
export type RequestRow = RowOf<typeof REQUESTS>
export type HealthRow = RowOf<typeof HEALTH>
export type ScrapeRow = RowOf<typeof SCRAPES>
