import { writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { EXIT, reasonOf, UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import type { StartTruthServer } from './calibrate-level.ts'
import { amount, whole } from './option-values.ts'

type Flags = {
  quick?: boolean
  ladder?: string
  seconds?: string
  lockstepMs: string
  lanes?: string
  keep: string
  format: string
  output: string
}

/** `calibrate`: the recorder's own error on this machine, against a server that knows the truth. */
export const calibrateCommand = (io: Io, startServer: StartTruthServer): Command =>
  new Command('calibrate')
    .description("measure the recorder's own error on this machine, from light to heavy loads")
    .option('--quick', 'three loads in under 30 s instead of seven in under three minutes')
    .option('--ladder <loads>', 'other loads: streams x tokens per second, as in 10x100,1000x50')
    .option('--seconds <s>', 'how long each load is measured (default: 12, quick 4)')
    .option('--lockstep-ms <ms>', 'all streams emit at the same instants, so far apart', '0')
    .option('--lanes <n>', 'sender threads (default: as record chooses them)')
    .addOption(
      new Option('--keep <what>', 'as of record').choices(['raw', 'timing']).default('raw'),
    )
    .addOption(
      new Option('--format <name>', 'text or json').choices(['text', 'json']).default('text'),
    )
    .option('-o, --output <file>', 'where the result is kept', 'calibration.json')
    .action(async (flags: Flags) => {
      const options = {
        startServer,
        quick: flags.quick === true,
        ladder: flags.ladder === undefined ? undefined : ladderOf(flags.ladder),
        seconds: flags.seconds === undefined ? undefined : amount('--seconds', flags.seconds),
        lockstepMs: amount('--lockstep-ms', flags.lockstepMs),
        recordFlags: ['--keep', flags.keep, ...(flags.lanes ? ['--lanes', flags.lanes] : [])],
      }
      if (flags.lanes) whole('--lanes', flags.lanes, 1)
      // Loaded here, so that --help does not pay for the HTTP client and Arrow.
      const { calibrate } = await import('./calibrate.ts')
      const { tableFoot, tableHead, tableLine } = await import('./calibrate-table.ts')
      const text = flags.format === 'text'
      if (text) io.out(tableHead())
      const result = await calibrate({
        ...options,
        onStart: ({ streams, tokensPerSecond }, index, of) =>
          io.err(`${index + 1}/${of}: ${streams} streams × ${tokensPerSecond} tokens/s\n`),
        onLevel: level => text && io.out(tableLine(level)),
      })
      const json = `${JSON.stringify(result, null, 2)}\n`
      io.out(text ? tableFoot(result) : json)
      try {
        writeFileSync(flags.output, json)
      } catch (error) {
        throw new UserError(
          `${flags.output}: cannot write the result: ${reasonOf(error)}`,
          'name another file with --output',
          EXIT.usage,
        )
      }
      io.err(`calibration: ${flags.output}\n`)
    })

/** `10x100,1000x50` */
function ladderOf(text: string): [streams: number, tokensPerSecond: number][] {
  return text.split(',').map(step => {
    const match = /^(\d+)[x×](\d+(?:\.\d+)?)$/.exec(step.trim())
    const [streams, tokensPerSecond] = [Number(match?.[1]), Number(match?.[2])]
    if (!match || streams < 1 || tokensPerSecond <= 0)
      throw new UserError(
        `--ladder: "${step}" is not streams x tokens per second`,
        'for example --ladder 10x100,1000x50',
      )
    return [streams, tokensPerSecond]
  })
}
