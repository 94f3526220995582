import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workload } from '../../../recorder/workloads/workload.ts'
import { type WorkloadFlags, workloadPlanOf } from '../../../recorder/workloads/workload-flags.ts'
import { workloadOf } from '../../../recorder/workloads/workload-of.ts'
import { UserError } from '../../../schemas/errors.ts'
import { builtinTokenizer, type Tokenizer } from '../../../schemas/tokenizer.ts'
import { temporaryFolder } from '../../support/tokenizers.ts'

export const builtin = builtinTokenizer()

export const workload = (
  flags: WorkloadFlags,
  seed = 7,
  tokenizer: Tokenizer = builtin,
  promptSeed = seed,
): Workload => workloadOf(workloadPlanOf(flags), tokenizer, { seed, promptSeed })

/** A file of rows: objects become JSON lines, strings stand as they are. */
export function fileOf(rows: unknown[], name = 'rows.jsonl'): string {
  const file = join(temporaryFolder(), name)
  const lines = rows.map(row => (typeof row === 'string' ? row : JSON.stringify(row)))
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** Message and hint of the UserError that something throws, with folders left out. */
export function errorOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof UserError)
      return `${error.message}\n${error.hint}`.replaceAll(/\/\S*tokentape-test-\w+\//g, '')
    throw error
  }
  throw new Error('nothing was thrown')
}
