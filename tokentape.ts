#!/usr/bin/env node
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError } from 'commander'
import type { RecordFlags } from './recorder/record.ts'
import { EXIT, UserError } from './schemas/errors.ts'
import type { Io } from './schemas/io.ts'
import { systemFault } from './schemas/system-fault.ts'
import { tokentapeVersion } from './schemas/version.ts'

type Exit = (code: number) => void

/**
 * The verbs: what each does, and how its module is loaded. A module is imported only when its verb is
 * used, so that `record` never pays for DuckDB nor `report` for undici.
 */
const VERBS: Record<string, [summary: string, load: (io: Io, exit: Exit) => Promise<Command>]> = {
  record: [
    'fire a load at an endpoint and record every read to a tape',
    async (io, exit) => {
      const { startTruthServer } = await import('./simulator/child.ts')
      const { recordCommand } = await import('./recorder/record-command.ts')
      return recordCommand(io, exit, startTruthServer, tapes => htmlReports(tapes, io))
    },
  ],
  profile: [
    "record, then report: takes AIPerf's command lines",
    async (io, exit) => profileCommand(io, exit),
  ],
  report: [
    'print the numbers of a tape',
    async io => (await import('./analyzer/commands/report.ts')).reportCommand(io),
  ],
  calibrate: [
    "measure the recorder's own error on this machine",
    async io => {
      const { startTruthServer } = await import('./simulator/child.ts')
      const { calibrateCommand } = await import('./recorder/calibrate-command.ts')
      return calibrateCommand(io, startTruthServer)
    },
  ],
  seal: [
    'seal a tape whose recorder was killed',
    async io => (await import('./recorder/seal-command.ts')).sealCommand(io),
  ],
  trace: [
    'describe, cut, scale, merge and make up workload traces',
    async (io, exit) => traceCommand(io, exit),
  ],
  slices: [
    'cut a tape into slices of time',
    async io => (await import('./analyzer/commands/slices.ts')).slicesCommand(io),
  ],
  goodput: [
    'count the requests that meet an SLO',
    async io => (await import('./analyzer/commands/goodput.ts')).goodputCommand(io),
  ],
  pareto: [
    'compare settings: what a system serves against what a user gets',
    async io => (await import('./analyzer/commands/pareto.ts')).paretoCommand(io),
  ],
  percentiles: [
    'print any percentile of any metric',
    async io => (await import('./analyzer/commands/percentiles.ts')).percentilesCommand(io),
  ],
  requests: [
    'list requests, the worst first, or one with all that happened to it',
    async io => (await import('./analyzer/commands/requests.ts')).requestsCommand(io),
  ],
  plot: [
    'draw one figure of tapes as a picture',
    async io => (await import('./analyzer/commands/plot.ts')).plotCommand(io),
  ],
  explore: [
    'look at tapes in a browser: a local page over live queries',
    async io => (await import('./analyzer/commands/explore.ts')).exploreCommand(io),
  ],
  sql: [
    'ask tapes in SQL',
    async io => (await import('./analyzer/commands/sql.ts')).sqlCommand(io),
  ],
  check: [
    'hold runs to thresholds: a gate for CI',
    async (io, exit) => (await import('./analyzer/commands/check.ts')).checkCommand(io, exit),
  ],
  diff: [
    'compare two sets of runs: a gate for CI',
    async (io, exit) => (await import('./analyzer/commands/diff.ts')).diffCommand(io, exit),
  ],
  explain: [
    'say what a metric is, and how it is computed',
    async io => (await import('./analyzer/commands/explain.ts')).explainCommand(io),
  ],
  describe: [
    'say what a tape is',
    async io => (await import('./analyzer/commands/describe.ts')).describeCommand(io),
  ],
  export: [
    'write tapes as files that other tools read',
    async io => (await import('./analyzer/commands/export.ts')).exportCommand(io),
  ],
  import: [
    "turn another tool's results into a tape",
    async io => (await import('./analyzer/commands/import.ts')).importCommand(io),
  ],
  demo: [
    'record and report against the simulated server in one go',
    async (io, exit) => demoCommand(io, exit),
  ],
}

/** The verbs that take AIPerf's flags and a --config file. */
const RECORDING = new Set(['record', 'profile'])

/**
 * Runs tokentape on `argv` (the words after the program's name) and returns the exit code.
 *
 * All output goes through `io`, so tests call it in-process.
 */
export async function main(argv: string[], io: Io): Promise<number> {
  // The simulator reads its own flags, and loads nothing from npm unless a flag asks for it.
  if (argv[0] === 'simulate') return (await import('./simulator/main.ts')).main(argv.slice(1), io)
  let exitCode: number = EXIT.ok
  const program = new Command('tokentape')
    .description(
      'record every byte a streaming LLM endpoint sends, once; ask every question afterwards',
    )
    .version(tokentapeVersion())
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
  const verb = VERBS[argv[0] ?? '']
  let words = argv
  try {
    if (verb) {
      const command = await verb[1](io, code => {
        exitCode = code
      })
      command.exitOverride().configureOutput({
        writeOut: io.out,
        writeErr: io.err,
        // A flag that is misspelt may have a key for its value.
        outputError: (text, write) =>
          write(text.replace(/(unknown option '(?:--[^=']*|-[^-'])).*'/s, "$1'")),
      })
      program.addCommand(command)
      if (RECORDING.has(command.name())) {
        const { recordWords } = await import('./recorder/argv.ts')
        words = [argv[0]!, ...recordWords(argv.slice(1), command)]
      }
    } else {
      for (const [name, [summary]] of Object.entries(VERBS))
        program.command(name).description(summary)
      program.command('simulate').description('start the simulated inference server')
      program.on('command:*', ([name]) => {
        throw new UserError(
          `no verb "${name}"`,
          `verbs are ${Object.keys(VERBS).join(', ')}, simulate`,
        )
      })
    }
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const fault = faultOf(error, argv)
    if (!fault) throw error
    return sayFault(fault, io)
  }
}

/**
 * The user's part in an error, or undefined where it is a bug of ours. What the system refuses is none, wherever
 * it was met: a record has no tape then.
 */
const faultOf = (error: unknown, [verb = '']: string[]): UserError | undefined =>
  systemFault(error, { exitCode: RECORDING.has(verb) ? EXIT.noTape : EXIT.usage })

function sayFault({ message, hint, exitCode }: UserError, io: Io): number {
  io.err(`error: ${message}\n  hint: ${hint}\n`)
  return exitCode
}

/** Says what ended the program; returns the exit code for it. */
function sayFailure(error: unknown, argv: string[], io: Io): number {
  const fault = faultOf(error, argv)
  if (fault) return sayFault(fault, io)
  io.err(
    `${error instanceof Error ? error.stack : error}\nthis is a bug in tokentape: please report it\n`,
  )
  return EXIT.bug
}

/** `profile`: `record`, then `report`, and what else AIPerf prints at the end of a run. */
async function profileCommand(io: Io, exit: Exit): Promise<Command> {
  const { addPlanOptions } = await import('./recorder/plan-options.ts')
  return addPlanOptions(new Command('profile'))
    .description("record, then report: takes AIPerf's command lines")
    .option('--goodput <slos>', 'afterwards, goodput under these SLOs: "tag:limit tag:limit"')
    .option('--slice-duration <s>', 'afterwards, the numbers of each slice of this length')
    .option('--no-html', 'leave out the HTML report that is written beside the tape')
    .option('--auto-plot', 'afterwards, every figure as SVG in a folder beside the tape')
    .action(async (flags: RecordFlags & ProfileFlags, command: Command) => {
      const { recordHiding } = await import('./recorder/record-command.ts')
      const { exitCode, tapes } = await recordHiding(flags, command, io)
      exit(exitCode)
      if (tapes.length === 0) return
      const { report } = await import('./analyzer/commands/report.ts')
      await report(tapes, {}, io)
      if (flags.goodput !== undefined) {
        const { goodput } = await import('./analyzer/commands/goodput.ts')
        for (const tape of tapes) await goodput([tape], { slo: [flags.goodput] }, io)
      }
      if (flags.sliceDuration !== undefined) {
        const { slices } = await import('./analyzer/commands/slices.ts')
        for (const tape of tapes) await slices([tape], { width: `${flags.sliceDuration}s` }, io)
      }
      if (flags.html) await htmlReports(tapes, io)
      if (flags.autoPlot) {
        const { autoPlot } = await import('./analyzer/commands/plot.ts')
        for (const tape of tapes) await autoPlot([tape], {}, io)
      }
    })
}

type ProfileFlags = { goodput?: string; sliceDuration?: string; html: boolean; autoPlot?: boolean }

/** The HTML report of each tape, beside it. */
async function htmlReports(tapes: string[], io: Io): Promise<void> {
  const { besideTape, htmlReport } = await import('./analyzer/commands/html-report.ts')
  for (const tape of tapes) {
    const output = besideTape(tape)
    await htmlReport([tape], { output }, io)
    io.err(`report: ${output}\n`)
  }
}

/** `trace`: files of requests, and the trace of a tape. */
async function traceCommand(io: Io, exit: Exit): Promise<Command> {
  const { traceCommand } = await import('./recorder/traces/trace-command.ts')
  const { writeTrace } = await import('./recorder/traces/write-trace.ts')
  const { blockTokensOf } = await import('./recorder/workloads/readers/index.ts')
  const { TABLE_FORMATS } = await import('./analyzer/formats/tables.ts')
  const { fromTapeCommand } = await import('./analyzer/commands/from-tape.ts')
  return traceCommand(io, exit, Object.keys(TABLE_FORMATS), (format, answer) =>
    TABLE_FORMATS[format]!(answer),
  ).addCommand(
    fromTapeCommand(io, (rows, flags, { kind, blockTokens }) =>
      writeTrace(rows, flags, blockTokensOf(kind, blockTokens), io),
    ),
  )
}

/** `demo`: the simulated server as a child process, a load against it, and the report. */
function demoCommand(io: Io, exit: Exit): Command {
  return new Command('demo')
    .description('record and report against the simulated server in one go')
    .option('-o, --output <tape>', 'the tape to write (default: a name under tapes/)')
    .action(async (options: { output?: string }) => {
      const { startSimulator } = await import('./simulator/child.ts')
      const { addPlanOptions } = await import('./recorder/plan-options.ts')
      const { record } = await import('./recorder/record.ts')
      const { report } = await import('./analyzer/commands/report.ts')
      const server = await startSimulator([
        '--ttft-ms',
        '120',
        '--ttft-jitter-ms',
        '40',
        '--itl-ms',
        '12',
        '--itl-jitter-ms',
        '3',
      ])
      io.err(`simulated server: ${server.url}\n`)
      const argv = [
        'record',
        '--model',
        'simulated',
        '--url',
        server.url,
        '--streaming',
        '--concurrency',
        '20',
        '--request-count',
        '200',
        '--isl',
        '200',
        '--osl',
        '100',
        ...(options.output ? ['--output', options.output] : []),
      ]
      try {
        let flags: Parameters<typeof record>[0] | undefined
        await addPlanOptions(new Command('record'))
          .action(parsed => {
            flags = parsed
          })
          .parseAsync(argv.slice(1), { from: 'user' })
        io.err(`tokentape ${argv.join(' ')}\n`)
        const { tapes, exitCode } = await record({ ...flags!, preflight: false }, argv, io)
        exit(exitCode)
        const [tape] = tapes
        await report(tapes, {}, io)
        io.err(
          [
            '',
            `The tape is ${tape}: every read with its nanosecond. Ask it more:`,
            `  npx tokentape report ${tape} --percentiles 75,99.9`,
            `  npx tokentape goodput ${tape} --slo "ttft_ms <= 200 and latency_ms <= 1400"`,
            `  npx tokentape slices ${tape} --width 5s`,
            '',
          ].join('\n'),
        )
      } finally {
        await server.stop()
      }
    })
}

const invoked = process.argv[1]
if (invoked && realpathSync(invoked) === fileURLToPath(import.meta.url)) {
  const io: Io = {
    out: text => process.stdout.write(text),
    err: text => process.stderr.write(text),
    ...(process.stdout.isTTY ? {} : { bytes: piece => process.stdout.write(piece) }),
  }
  // Who reads the results has seen enough, as `head` does.
  // The terminal has gone (SIGHUP), or who read the progress: a run goes on to its seal all the same.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.ok)
  })
  const argv = process.argv.slice(2)
  // What fails outside the verb's own promise, such as a socket or a thread that nobody waits for.
  process.on('uncaughtException', error => {
    process.exit(sayFailure(error, argv, io))
  })
  try {
    process.exitCode = await main(argv, io)
  } catch (error) {
    process.exitCode = sayFailure(error, argv, io)
  }
}
