// The recorder against the truth, with the targets that it is to meet: node dist/test/bench/against-truth.js [--rounds 5] [--seconds 5]
import type { CalibrationLevel } from '../../schemas/calibration.ts'
import { measureRecorder } from './measure-recorder.ts'
import { quietly } from './quiet.ts'
import { benchFlags } from './rounds.ts'
import { machine, medianRow, printTable, type Row } from './table.ts'

type Target = [
  streams: number,
  tokensPerSecond: number,
  lockstepMs: number,
  p50Ms: number,
  p99Ms: number,
]
// biome-ignore format: a load a line
const TARGETS: Target[] = [
  [100, 100, 0, 0.2, 2],
  [1000, 10, 0, 0.2, 2],
  [1000, 50, 0, 0.5, 10],
  [1000, 100, 0, 1, 25],
  [256, 50, 20, 1, 5],
  [4000, 50, 0, Number.NaN, Number.NaN],
]

const { rounds, seconds } = benchFlags('')
console.log(`${machine()}; medians of ${rounds} rounds of ${seconds} s`)
let worst = 0
const rows: [string, Row][] = []
for (const [streams, tokensPerSecond, lockstepMs, p50Ms, p99Ms] of TARGETS) {
  const load = { streams, tokensPerSecond, warmSeconds: 3, seconds }
  const levels: CalibrationLevel[] = []
  for (let round = 0; round < rounds; round++) {
    const { result, foreign } = await quietly(() => measureRecorder(load, { lockstepMs }))
    levels.push(result)
    worst = Math.max(worst, foreign)
  }
  const row = medianRow(levels)
  const met = row.arrival_delay_ns.p50 < p50Ms * 1e6 && row.arrival_delay_ns.p99 < p99Ms * 1e6
  const verdict = Number.isNaN(p50Ms) ? '' : ` ${met ? 'met' : 'MISSED'} ${p50Ms}/${p99Ms}`
  rows.push([`${streams}x${tokensPerSecond}${lockstepMs ? ' step' : ''}${verdict}`, row])
}
printTable(rows, '-')
console.log(`others took up to ${worst.toFixed(2)} cores`)
