// What a second, slow derivation says of tapes beside the analyzer: node dist/test/bench/second-opinion.js [--use-server-token-count] TAPE…
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openTapes } from '../../analyzer/module.ts'
import { findTokenizer, tokenizerPath } from '../../schemas/tokenizer.ts'
import { againstAnalyzer, againstGoodput, canBeJudged } from '../second-opinion/against-analyzer.ts'
import { opinionOf } from '../second-opinion/opinion.ts'
import { kindsOf } from '../second-opinion/tally.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'use-server-token-count': { type: 'boolean', default: false } },
})
const tokenSource = values['use-server-token-count'] ? 'server' : 'client'

for (const path of positionals) {
  const { run_id, tokenizer } = JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'))
  const found = tokenizerPath(tokenizer.id, process.env) ? findTokenizer(tokenizer.id) : null
  const beganAt = performance.now()
  const opinion = await opinionOf(path, found?.tokenEnds ?? null, tokenSource)
  const seconds = (performance.now() - beganAt) / 1000
  const tapes = await openTapes(path, { tokenSource })
  const mine = new Map([[run_id, opinion]])
  const tallies = await againstAnalyzer(mine, tapes)
  if (canBeJudged(opinion)) await againstGoodput(mine, tapes, tallies)
  const tally = tallies.get(run_id)!
  tapes.close()
  const { compared, identical, differences, worst } = tally
  console.log(
    `${path}: ${opinion.requests.length} requests, derived in ${seconds.toFixed(1)} s; ${compared} numbers compared, ${identical} identical, ${differences.length} differ${worst.ulps > 0 ? `; the worst that may: ${worst.ulps} ulp, ${worst.what}` : ''}`,
  )
  for (const line of kindsOf(tally)) console.log(`  ${line}`)
  if (differences.length > 0) process.exitCode = 1
}
