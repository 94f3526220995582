import { existsSync, statSync } from 'node:fs'
import { UserError } from '../../schemas/errors.ts'
import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { inputFile } from './input-file.ts'
import { randomPool } from './random-pool.ts'
import { synthetic } from './synthetic.ts'
import type { Workload, WorkloadSeeds } from './workload.ts'
import type { WorkloadPlan } from './workload-plan.ts'

/**
 * Where the sessions of a plan come from.
 *
 * @throws UserError for a file that is not there, is empty, or has a broken row
 */
export function workloadOf(
  plan: WorkloadPlan,
  tokenizer: Tokenizer,
  seeds: WorkloadSeeds,
): Workload {
  const workload = sourceOf(plan)(plan, tokenizer, seeds)
  if (plan.unused.length > 0)
    workload.notes.push(`not used with --input-file: ${plan.unused.join(', ')}`)
  return workload
}

function sourceOf(plan: WorkloadPlan): typeof synthetic {
  const { inputFile: file, datasetType } = plan
  if (file === null) return synthetic
  if (!existsSync(file))
    throw new UserError(`--input-file: there is no "${file}"`, 'name a file that exists')
  if (datasetType === 'random_pool') return randomPool
  if (!statSync(file).isDirectory()) return inputFile
  if (datasetType !== null)
    throw new UserError(
      `--input-file: "${file}" is a directory, which ${datasetType} does not read`,
      'name a file, or use --custom-dataset-type random_pool',
    )
  return randomPool
}
