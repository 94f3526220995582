import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Tokenizer } from '../../schemas/tokenizer.ts'
import { randomFor } from '../random.ts'
import { cacheBuster } from './cache-bust.ts'
import { checkedRows } from './checked-rows.ts'
import { turnMaker } from './dataset-turn.ts'
import { blockTokensOf } from './readers/index.ts'
import { openRows } from './rows.ts'
import { wordSource } from './text-source.ts'
import type { Session, Workload, WorkloadSeeds } from './workload.ts'
import type { WorkloadPlan } from './workload-plan.ts'

/**
 * Sessions of one turn: a row drawn from every file of a directory, with replacement, as the texts of
 * that turn. One file is one pool.
 */
export function randomPool(
  plan: WorkloadPlan,
  tokenizer: Tokenizer,
  seeds: WorkloadSeeds,
): Workload {
  const path = plan.inputFile!
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .map(name => join(path, name))
        .filter(file => statSync(file).isFile())
    : [path]
  const pools = files.map(file => {
    const rows = openRows(file, 'lines')
    return { rows, checked: checkedRows(rows, 'random_pool', plan) }
  })
  const words = wordSource(tokenizer)
  const turnFor = turnMaker(
    plan,
    words,
    tokenizer,
    seeds,
    blockTokensOf('random_pool', plan.blockTokens),
  )
  const busted = cacheBuster(
    plan.cacheBust,
    { words, joint: '\n\n', isExact: false },
    tokenizer,
    seeds.promptSeed,
  )
  const session = (index: number): Session => {
    const random = randomFor(seeds.seed, 'sampling', index)
    const drawn = pools.map(({ checked }) => {
      const [row] = checked.sessions.rowsOf(Math.floor(random() * checked.sessions.size))
      return { row: row!, turn: checked.read(row!).turns[0]! }
    })
    const { row, turn } = drawn[0]!
    const extra = Object.assign({}, ...drawn.map(each => each.turn.extra ?? {}))
    const texts = drawn.flatMap(each => each.turn.texts ?? [])
    const merged = turnFor({ ...turn, texts, extra, delayMs: 0, timestampMs: null }, row, 0)
    return busted({ id: `session-${index}`, system: null, systemTokens: 0, turns: [merged] }, index)
  }
  const { inputFile: _path, ...rest } = plan
  const digest = createHash('sha256')
  digest.update(
    JSON.stringify([rest, pools.map(({ rows }) => rows.digest), tokenizer.digest, seeds.seed]),
  )
  return {
    kind: 'random_pool',
    digest: digest.digest('hex'),
    notes: pools.flatMap(({ checked }) => checked.notes),
    isMadeUp: plan.cacheBust !== 'none' || pools.some(({ checked }) => checked.hasMade),
    size: null,
    maxTurns: 1,
    timestampMs: () => null,
    session,
  }
}
