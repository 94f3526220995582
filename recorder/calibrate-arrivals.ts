import { readArrowLog } from '../schemas/arrow-log.ts'
import { TABLES } from '../schemas/tables.ts'
import { readManifest, tableFiles } from '../schemas/tape.ts'
import type { Truth } from './calibrate-truth.ts'
import { KIND } from './event-log.ts'

/** What the tape says of the same tokens. Instants are CLOCK_MONOTONIC ns, as the truth's. */
export type Arrivals = {
  /** By request. */
  sentNs: Float64Array
  /** By token, in the truth's order; NaN is a token that the tape does not have. */
  arrivedNs: Float64Array
  reads: number
  readsMulti: number
  pulses: Pulse[]
}
/** A row of the health table, as far as it is needed here. */
type Pulse = { lane: number; atNs: number; laneCpuNs: number; cpuNs: number; waitNs: number }

/**
 * Matches the reads of a live tape to the truth's tokens: every token is `tokenBytes` long, so a
 * request's bytes so far say how many of its tokens have wholly arrived.
 */
export function readArrivals(tape: string, truth: Truth, tokenBytes: number): Arrivals {
  const zeroNs = Number(readManifest(tape).monotonic_zero_ns)
  const { firstToken, writtenNs, receivedNs } = truth
  const sentNs = new Float64Array(receivedNs.length).fill(Number.NaN)
  const arrivedNs = new Float64Array(writtenNs.length).fill(Number.NaN)
  const bytes = new Float64Array(receivedNs.length)
  let reads = 0
  let readsMulti = 0
  for (const { path } of tableFiles(tape, 'events'))
    for (const { length, columns } of readArrowLog(path, TABLES.events)) {
      const id = columns['request_id']!.values as Uint32Array
      const kind = columns['kind']!.values as Uint8Array
      const at = columns['at_ns']!.values as BigInt64Array
      const nBytes = columns['n_bytes']!.values as Uint32Array
      for (let row = 0; row < length; row++) {
        const request = id[row]!
        if (request >= receivedNs.length) continue
        const atNs = zeroNs + Number(at[row])
        if (kind[row] === KIND.sent) sentNs[request] = atNs
        if (kind[row] !== KIND.read) continue
        const before = Math.floor(bytes[request]! / tokenBytes)
        bytes[request]! += nBytes[row]!
        const count = firstToken[request + 1]! - firstToken[request]!
        const now = Math.min(count, Math.floor(bytes[request]! / tokenBytes))
        reads++
        if (now - before > 1) readsMulti++
        for (let token = before; token < now; token++)
          arrivedNs[firstToken[request]! + token] = atNs
      }
    }
  return { sentNs, arrivedNs, reads, readsMulti, pulses: readPulses(tape, zeroNs) }
}

function readPulses(tape: string, zeroNs: number): Pulse[] {
  const pulses: Pulse[] = []
  for (const { path } of tableFiles(tape, 'health'))
    for (const { length, columns } of readArrowLog(path, TABLES.health)) {
      const value = (name: string, row: number): number => Number(columns[name]!.values![row])
      for (let row = 0; row < length; row++)
        pulses.push({
          lane: value('lane', row),
          atNs: zeroNs + value('at_ns', row),
          laneCpuNs: value('cpu_lane_ns', row),
          cpuNs: value('cpu_process_ns', row),
          waitNs: value('run_queue_wait_ns', row),
        })
    }
  return pulses
}
