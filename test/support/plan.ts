import { Command } from 'commander'
import { type Plan, type PlanFlags, planOf } from '../../recorder/plan.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'
import { workloadPlanOf } from '../../recorder/workloads/workload-flags.ts'
import { workloadOf } from '../../recorder/workloads/workload-of.ts'
import { builtinTokenizer } from '../../schemas/tokenizer.ts'

/** The plan of a command line, as `record` makes it: with what its workload says of itself. */
export function plannedWith(...argv: string[]): Plan {
  const words = ['--model', 'm', '--streaming', '--random-seed', '1', ...argv]
  const flags = addPlanOptions(new Command())
    .exitOverride()
    .parse(words, { from: 'user' })
    .opts<PlanFlags>()
  return planOf(
    flags,
    {},
    workloadOf(workloadPlanOf(flags), builtinTokenizer(), { seed: 1, promptSeed: 1 }),
  )
}
