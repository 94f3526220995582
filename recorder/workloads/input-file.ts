import { createHash } from 'node:crypto'
import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { cacheBuster } from './cache-bust.ts'
import { checkedRows } from './checked-rows.ts'
import { withinContext } from './context-limit.ts'
import { turnMaker } from './dataset-turn.ts'
import { detectedType, formOf } from './dataset-type.ts'
import { blockTokensOf } from './readers/index.ts'
import { openRows } from './rows.ts'
import { sampler } from './sampling.ts'
import { wordSource } from './text-source.ts'
import type { Session, Workload, WorkloadSeeds } from './workload.ts'
import type { WorkloadPlan } from './workload-plan.ts'

/**
 * Sessions from a file. Every row is checked on start; after that the disk is read when a session is
 * asked for, so that a file of 1 GB costs 16 bytes a row and not 1 GB.
 */
export function inputFile(
  plan: WorkloadPlan,
  tokenizer: Tokenizer,
  seeds: WorkloadSeeds,
): Workload {
  const file = plan.inputFile!
  const detected = plan.datasetType ? null : detectedType(file)
  const type = plan.datasetType ?? detected!.type
  const rows = openRows(file, formOf(file, type))
  const checked = checkedRows(rows, type, plan)
  const words = wordSource(tokenizer)
  const blockTokens = blockTokensOf(type, plan.blockTokens)
  const turnFor = turnMaker(plan, words, tokenizer, seeds, blockTokens)

  // Dates count from the first row, which need not be the earliest.
  const zeroMs = Math.min(0, checked.sessions.times.firstMs)
  const sinceZero = (ms: number | null): number | null => (ms === null ? null : ms - zeroMs)
  const entryAt = (entry: number): Session => {
    const parts = checked.sessions.rowsOf(entry).map(row => ({ row, ...checked.read(row) }))
    const turns = parts
      .flatMap(({ row, turns }) => turns.map((turn, i) => turnFor(turn, row, i)))
      .map(turn => ({ ...turn, timestampMs: sinceZero(turn.timestampMs) }))
    if (turns.every(({ timestampMs }) => timestampMs !== null))
      turns.sort((a, b) => a.timestampMs! - b.timestampMs!)
    const system = parts.find(part => part.system !== null)?.system ?? null
    return {
      id: parts[0]!.sessionId ?? `row-${parts[0]!.row}`,
      system,
      systemTokens: system === null ? 0 : tokenizer.count(system),
      turns,
    }
  }

  const limited = withinContext(plan, checked.sessions.size, entryAt, entry =>
    checked.place(checked.sessions.rowsOf(entry)[0]!),
  )
  const sampled = sampler(plan.sampling, limited.size, seeds.seed)
  const busted = cacheBuster(
    plan.cacheBust,
    { words, joint: '\n\n', isExact: false },
    tokenizer,
    seeds.promptSeed,
  )
  const session = (index: number): Session => {
    const { entry, lap } = sampled(index)
    const found = limited.session(entry)
    return busted(lap === 0 ? found : { ...found, id: `${found.id}~${lap}` }, index)
  }

  const digest = createHash('sha256')
  const { inputFile: _path, ...rest } = plan
  digest.update(JSON.stringify([rest, type, rows.digest, tokenizer.digest, seeds.seed]))
  return {
    kind: type,
    digest: digest.digest('hex'),
    notes: [
      ...(detected ? [`${file} is read as ${type}: ${detected.because}`] : []),
      ...checked.notes,
      ...limited.notes,
      ...(checked.hasMade ? words.notes : []),
    ],
    isMadeUp: checked.hasMade || plan.cacheBust !== 'none',
    size: limited.size,
    maxTurns: checked.sessions.maxTurns,
    timestampMs: index => sinceZero(checked.sessions.firstMs(limited.entry(index))),
    session,
  }
}
