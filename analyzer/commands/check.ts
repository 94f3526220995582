import { Command } from 'commander'
import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { checkGates } from '../check-gates.ts'
import { checkAnswer, checkCases, checkExit } from '../check-tables.ts'
import { parseGate } from '../gate.ts'
import { type GateFile, readGateFile } from '../gate-file.ts'
import { tapesIn } from '../sweep-folder.ts'
import { expandTapes } from '../tape-glob.ts'
import { type TapeFlags, withTapes, withWindowFlags } from '../with-tapes.ts'
import { judging, type WriteFlags, withWriteFlags, writeAnswer } from '../write-answer.ts'

export type CheckFlags = TapeFlags & WriteFlags & { that?: string[]; file?: string; slo?: string[] }

/** `check <tape…> --that …`: holds every run to thresholds. Ends with 4 when one fails, 5 when one cannot be judged. */
export const checkCommand = (io: Io, exit: (code: number) => void): Command =>
  withWindowFlags(
    withWriteFlags(new Command('check').description('hold runs to thresholds: a gate for CI')),
  )
    .argument('<tape...>', 'tapes, patterns, or folders of them')
    .option(
      '--that <gate>',
      'what must hold of every run: "ttft.p99 < 500ms", "goodput(tier) >= 0.95", "failed_ratio < 0.01"; may be given several times',
      collect,
    )
    .option('--file <path>', 'a YAML list of gates; slos: names tiers')
    .option('--slo <name=slo>', 'a tier for goodput(name); may be given several times', collect)
    .option('--tokenizer <name>', "what counts output tokens; default: the run's own tokenizer")
    .option('--use-server-token-count', "take the server's usage where it gave one")
    .addHelpText(
      'after',
      `
A gate is METRIC[.STATISTIC] OPERATOR NUMBER[UNIT]. Metrics: tokentape explain. Statistics: p0 to p100, avg, min,
max, std, sum, n. Operators: < <= > >= ==. Durations take ns, us, ms, s, m, h; ratios may be written in %.
goodput(SLO) is the share of the requests sent that meet a tier, a preset, or an SLO such as "ttft_ms <= 500".

Exit codes: 0 all hold · 4 one does not · 5 one cannot be judged: an unknown metric, nothing measured, too few
samples for its percentile, or a run that is not valid.
`,
    )
    .action((paths: string[], flags: CheckFlags) =>
      judging('check', flags, () => check(paths, flags, io, exit)),
    )

/** Holds tapes to gates and prints what came of it. */
export async function check(
  paths: string[],
  flags: CheckFlags,
  io: Io,
  exit: (code: number) => void,
): Promise<void> {
  const file: GateFile =
    flags.file === undefined ? { that: [], slos: {} } : readGateFile(flags.file)
  const texts: [flag: string, text: string][] = [
    ...file.that.map((text): [string, string] => [`--file ${flags.file}`, text]),
    ...(flags.that ?? []).map((text): [string, string] => ['--that', text]),
  ]
  if (texts.length === 0)
    throw new UserError(
      'check: no gate',
      'for example --that "ttft.p99 < 500ms", or --file gates.yaml',
    )
  const tiers = { ...file.slos, ...tiersOf(flags.slo ?? []) }
  await withTapes(tapesIn(expandTapes(paths)), flags, io, async tapes => {
    const gates = texts.map(([flag, text]) => parseGate(text, flag, tapes.metrics))
    const { checked, verdicts } = await checkGates(tapes, gates, tiers)
    const tapeOf = (runId: string): string =>
      tapes.runs.find(({ manifest }) => manifest.run_id === runId)!.shards[0]!.path
    const answer = checkAnswer(checked, verdicts, tapeOf)
    writeAnswer({ ...answer, cases: checkCases(checked, tapeOf) }, flags, io)
    exit(checkExit(checked))
  })
}

const collect = (text: string, earlier: string[] = []): string[] => [...earlier, text]

const tiersOf = (texts: string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map(text => {
      const [, name, slo] = /^\s*([\w.-]+)\s*=(?!=)\s*(.+)$/s.exec(text) ?? []
      if (name === undefined)
        throw new UserError(
          `--slo: "${text}" has no name`,
          'for example --slo "interactive=ttft_ms <= 500", then --that "goodput(interactive) >= 0.95"',
        )
      return [name, slo!]
    }),
  )
