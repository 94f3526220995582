import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Arrivals } from '../../recorder/calibrate-arrivals.ts'
import { compare, type Load, requestOf } from '../../recorder/calibrate-compare.ts'
import { readTruth, type Truth } from '../../recorder/calibrate-truth.ts'
import type { CalibrationLevel } from '../../schemas/calibration.ts'
import { startTruthServer } from '../../simulator/child.ts'

const program = (kind: string): string =>
  new URL(kind === 'lane' ? './lane-without-writer.js' : './plain-client.js', import.meta.url)
    .pathname

/** Runs one of the plain clients under a load and charges it against the truth, as the recorder is. */
export async function measurePlain(
  kind: string,
  load: Load,
  { lockstepMs = 0 } = {},
): Promise<CalibrationLevel> {
  const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
  const truthPath = join(folder, 'truth.f64')
  const out = join(folder, 'plain')
  const { ttftMs, outputTokens, seconds } = requestOf(load)
  // biome-ignore format: one flag and its value beside each other
  const server = await startTruthServer([
    '--truth', truthPath, '--ttft-ms', String(ttftMs), '--output-tokens', String(outputTokens),
    '--tokens-per-second', String(load.tokensPerSecond), '--lockstep-ms', String(lockstepMs),
  ])
  try {
    const requests = Math.ceil(load.streams * ((load.warmSeconds + load.seconds) / seconds + 1))
    const args = [program(kind), kind, server.url, String(load.streams), String(requests), out]
    const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')
    if (code !== 0) throw new Error(`the ${kind} client ended with ${code}`)
    await server.stop()
    const truth = readTruth(truthPath)
    return { ...compare(load, truth, arrivalsOf(out, truth, server.tokenBytes)), lanes: 1 }
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function arrivalsOf(
  out: string,
  { firstToken, writtenNs, receivedNs }: Truth,
  tokenBytes: number,
): Arrivals {
  const { buffer, byteOffset, byteLength } = readFileSync(`${out}.f64`)
  const rows = new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength))
  const sentNs = new Float64Array(receivedNs.length).fill(Number.NaN)
  const arrivedNs = new Float64Array(writtenNs.length).fill(Number.NaN)
  const bytes = new Float64Array(receivedNs.length)
  let reads = 0
  let readsMulti = 0
  for (let i = 0; i < rows.length; i += 3) {
    const request = rows[i]!
    if (rows[i + 2]! < 0) {
      sentNs[request] = rows[i + 1]!
      continue
    }
    const before = Math.floor(bytes[request]! / tokenBytes)
    bytes[request]! += rows[i + 2]!
    const count = firstToken[request + 1]! - firstToken[request]!
    const now = Math.min(count, Math.floor(bytes[request]! / tokenBytes))
    reads++
    if (now - before > 1) readsMulti++
    for (let token = before; token < now; token++)
      arrivedNs[firstToken[request]! + token] = rows[i + 1]!
  }
  return {
    sentNs,
    arrivedNs,
    reads,
    readsMulti,
    pulses: JSON.parse(readFileSync(`${out}.json`, 'utf8')),
  }
}
