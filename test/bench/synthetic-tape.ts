import { mkdirSync } from 'node:fs'
import { eventColumns, eventLog, KIND, newBuffers } from '../../recorder/event-log.ts'
import { keepRaw, keepTiming } from '../../recorder/keep.ts'
import { normal, randomFor } from '../../recorder/random.ts'
import { tableLog } from '../../recorder/writer.ts'
import { writeManifest } from '../../schemas/tape.ts'
import { ns } from '../../schemas/units.ts'
import { dueHeap } from '../../simulator/due-heap.ts'
import { streamText } from './stream-text.ts'
import { healthRow, manifestOf, requestRow } from './synthetic-rows.ts'

export type Shape = {
  /** Events in all; the last answers are cut short. */
  events: number
  /** raw and timing keep the reads' bytes as `--keep` does, none only their lengths. */
  data: 'raw' | 'timing' | 'none'
  streams?: number
  tokensPerRequest?: number
  words?: 'common' | 'uniform'
  /** Hand over every 50 ms as a lane does; otherwise only full batches, as under a high load. */
  ticks?: boolean
  /** The lane that it is, and of how many: a tape of several is written one after another. */
  lane?: number
  lanes?: number
  /** The id of its first request. */
  firstRequest?: number
}

const GAP_NS = 20e6
/** Standard deviation of the logarithm of a gap. */
const GAP_SIGMA = 0.4
const PULSE_NS = 100e6

const HEADERS = Buffer.from(
  '{"content-type":"text/event-stream; charset=utf-8","server":"uvicorn"}',
)

/**
 * A live tape as a recorder leaves it: streams that interleave, gaps that are lognormal around 20 ms.
 *
 * Goes through the recorder's own buffers and writer, batch by batch, in bounded memory.
 *
 * @returns how many of its reads carried a token, and how many requests there were
 */
export function writeSyntheticTape(
  tape: string,
  shape: Shape,
): { tokens: number; requests: number } {
  const {
    events,
    data,
    streams = 100,
    tokensPerRequest = 500,
    words = 'common',
    ticks = true,
    lane = 0,
    lanes = 1,
    firstRequest = 0,
  } = shape
  mkdirSync(tape, { recursive: true })
  writeManifest(tape, manifestOf(data === 'raw' ? 'raw' : 'timing', lanes))
  const eventFile = tableLog(tape, 'events', lane)
  const requestFile = tableLog(tape, 'requests', lane)
  const healthFile = tableLog(tape, 'health', lane)
  const keep = data === 'timing' ? keepTiming([]) : keepRaw([])
  const log = eventLog(newBuffers(), set => {
    if (data !== 'none') keep.take(set)
    eventFile.append(eventColumns(set))
    set.length = 0
    set.nBytes = 0
    return set
  })
  const random = randomFor(3, 'tape', lane)
  const text = streamText(random, words)
  const due = dueHeap(streams)
  const requestOf = new Uint32Array(streams)
  const stepOf = new Uint32Array(streams)
  const bodyBytesOf = new Uint32Array(streams)
  const asked: ReturnType<typeof requestRow>[] = []
  let requests = firstRequest
  let tokens = 0
  let pulseAt = 0
  for (let stream = 0; stream < streams; stream++) due.push(random() * GAP_NS, stream)
  for (let n = 0; n < events; n++) {
    const stream = due.firstStream()
    const at = ns(due.firstNs())
    due.pop()
    for (; pulseAt < at; pulseAt += PULSE_NS) {
      healthFile.appendRows([{ ...healthRow(pulseAt, random), lane }])
      requestFile.appendRows(asked.splice(0))
      if (ticks) log.flush()
    }
    const step = stepOf[stream]!++
    if (step === 0) {
      requestOf[stream] = requests++
      bodyBytesOf[stream] = 0
      asked.push({ ...requestRow(requestOf[stream]!), lane })
    }
    const request = requestOf[stream]!
    const read = (bytes: Uint8Array): void => {
      bodyBytesOf[stream]! += bytes.length
      if (data === 'none') log.event(request, KIND.read, at, 0, bytes.length)
      else log.data(request, KIND.read, at, 0, bytes)
    }
    let gapNs = GAP_NS * Math.exp(normal(random, 0, GAP_SIGMA))
    if (step === 0) log.event(request, KIND.sent, at, 0, 0)
    else if (step === 1) log.data(request, KIND.headers, at, 200, HEADERS)
    else if (step === 2) read(text.role(request))
    else if (step < 3 + tokensPerRequest) {
      read(text.token(request))
      tokens++
    } else if (step === 3 + tokensPerRequest) {
      read(text.end(request, tokensPerRequest))
      gapNs = 50e3
    } else {
      log.event(request, KIND.end, at, 200, bodyBytesOf[stream]!)
      stepOf[stream] = 0
    }
    due.push(at + gapNs, stream)
  }
  log.flush()
  requestFile.appendRows(asked)
  for (const file of [eventFile, requestFile, healthFile]) file.end()
  return { tokens, requests: requests - firstRequest }
}
