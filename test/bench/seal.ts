// How fast is a tape sealed, and in how much memory? node dist/test/bench/seal.js [--only none-1,raw-10] [--rounds 1]
// Each tape is written by one process and sealed by another, whose peak RSS (VmHWM) counts everything.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sealTape } from '../../recorder/seal.ts'
import { type Shape, writeSyntheticTape } from './synthetic-tape.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'none-1,none-10,none-50,raw-1,raw-10' },
    rounds: { type: 'string', default: '1' },
    write: { type: 'string' },
    seal: { type: 'string' },
    shape: { type: 'string' },
  },
})

type Sealed = { elapsedMs: number; cpuMs: number; peakRssMb: number }

if (values.write) writeSyntheticTape(values.write, JSON.parse(values.shape!) as Shape)
else if (values.seal) console.log(JSON.stringify(await sealed(values.seal)))
else run()

async function sealed(tape: string): Promise<Sealed> {
  const { elapsedMs } = await sealTape(tape)
  const { user, system } = process.cpuUsage()
  const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]
  return { elapsedMs, cpuMs: (user + system) / 1e3, peakRssMb: Number(peakKb) / 1024 }
}

function run(): void {
  console.log(`${machine()}; data-millions of events, best of ${values.rounds}`)
  const line = (...cells: (string | number)[]): void =>
    console.log(cells.map(cell => String(cell).padStart(12)).join(''))
  line('tape', 'live MB', 'seconds', 'CPU s', 'M events/s', 'peak RSS MB', 'sealed MB')
  for (const name of values.only.split(',')) {
    const [data, millions] = name.split('-')
    const events = Number(millions) * 1e6
    const shape = { events, data } as Shape
    let best: Sealed | undefined
    let bytes = { live: 0, sealed: 0 }
    for (let round = 0; round < Number(values.rounds); round++) {
      const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
      try {
        const tape = join(folder, 'a.tape')
        child('--write', tape, '--shape', JSON.stringify(shape))
        const live = statSync(join(tape, 'events-0.arrows')).size
        const found: Sealed = JSON.parse(child('--seal', tape))
        bytes = { live, sealed: statSync(join(tape, 'events-0.parquet')).size }
        best = {
          elapsedMs: Math.min(found.elapsedMs, best?.elapsedMs ?? Number.POSITIVE_INFINITY),
          cpuMs: Math.min(found.cpuMs, best?.cpuMs ?? Number.POSITIVE_INFINITY),
          peakRssMb: Math.max(found.peakRssMb, best?.peakRssMb ?? 0),
        }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    const { elapsedMs, cpuMs, peakRssMb } = best!
    line(
      name,
      (bytes.live / 1e6).toFixed(0),
      (elapsedMs / 1e3).toFixed(2),
      (cpuMs / 1e3).toFixed(2),
      (events / elapsedMs / 1e3).toFixed(2),
      peakRssMb.toFixed(0),
      (bytes.sealed / 1e6).toFixed(1),
    )
  }
}

function child(...args: string[]): string {
  const program = fileURLToPath(import.meta.url)
  return execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' })
}
