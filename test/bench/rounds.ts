import { parseArgs } from 'node:util'
import type { Load } from '../../recorder/calibrate-compare.ts'
import { quietly } from './quiet.ts'
import { machine, medianRow, printTable, type Row } from './table.ts'

export type Variant = (load: Load, options: { lockstepMs: number }) => Promise<Row>

/** The flags that all benchmarks of a load have, over what each usually measures. */
export function benchFlags(loads: string) {
  const { values } = parseArgs({
    options: {
      loads: { type: 'string', default: loads },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      'lockstep-ms': { type: 'string', default: '0' },
      only: { type: 'string' },
    },
  })
  return {
    loads: values.loads.split(','),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    lockstepMs: Number(values['lockstep-ms']),
    only: values.only?.split(','),
  }
}

/**
 * Runs every variant under every load, in interleaved rounds so that a busy spell of the machine
 * falls on all of them, and prints medians; CPU also as a ratio to the variant `base`.
 */
export async function runRounds(
  flags: ReturnType<typeof benchFlags>,
  variants: Record<string, Variant>,
  base: string,
): Promise<void> {
  const { rounds, seconds, lockstepMs, only } = flags
  const used = Object.entries(variants).filter(([name]) => !only || only.includes(name))
  console.log(machine())
  for (const step of flags.loads) {
    const [streams, tokensPerSecond] = step.split('x').map(Number) as [number, number]
    const load = { streams, tokensPerSecond, warmSeconds: 3, seconds }
    const rows = new Map<string, Row[]>(used.map(([name]) => [name, []]))
    let worst = 0
    for (let round = 0; round < rounds; round++)
      for (const [name, measure] of used) {
        process.stderr.write(`\r\u001b[2K${step} round ${round + 1}/${rounds} ${name}`)
        const { result, foreign } = await quietly(() => measure(load, { lockstepMs }))
        rows.get(name)!.push(result)
        worst = Math.max(worst, foreign)
      }
    process.stderr.write('\r\u001b[2K')
    const lockstep = lockstepMs > 0 ? `, in lockstep every ${lockstepMs} ms` : ''
    console.log(
      `\n${streams} streams × ${tokensPerSecond} tokens/s${lockstep}, medians of ${rounds} rounds of ${seconds} s; others took up to ${worst.toFixed(2)} cores`,
    )
    printTable(
      [...rows].map(([name, each]) => [name, medianRow(each)] as const),
      base,
    )
  }
}
