import { Command } from 'commander'
import { expect, test } from 'vitest'
import { workloadPlanOf } from '../../../recorder/workloads/workload-flags.ts'
import {
  addWorkloadOptions,
  WORKLOAD_ALIASES,
  withoutAliases,
} from '../../../recorder/workloads/workload-options.ts'
import { errorOf } from './support.ts'

const parsed = (...argv: string[]) =>
  addWorkloadOptions(new Command())
    .exitOverride()
    .parse(withoutAliases(argv, WORKLOAD_ALIASES), { from: 'user' })
    .opts()

test("AIPerf's names all arrive at one option", () => {
  const plan = workloadPlanOf(
    parsed(
      '--synthetic-input-tokens-mean=100',
      '--output-tokens-mean',
      '50',
      '--conversation-turn-mean',
      '3',
      '--num-prefix-prompts',
      '4',
      '--prefix-prompt-length',
      '9',
      '-b',
      '2',
    ),
  )
  expect(plan).toMatchObject({
    inputTokens: { mean: 100, stddev: 0 },
    outputTokens: { mean: 50, stddev: 0 },
    turns: { mean: 3, stddev: 0 },
    prefixPool: { size: 4, tokens: 9 },
    batchSize: 2,
  })
  const known = addWorkloadOptions(new Command()).options.map(({ long }) => long)
  for (const canonical of Object.values(WORKLOAD_ALIASES)) expect(known).toContain(canonical)
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
})

test('without options: 550 tokens, one turn, no limit', () => {
  expect(workloadPlanOf(parsed())).toMatchObject({
    inputFile: null,
    inputTokens: { mean: 550, stddev: 0 },
    outputTokens: { mean: null },
    turns: { mean: 1, stddev: 0 },
    cacheBust: 'none',
    nEntries: null,
  })
})

test.each([
  [{ isl: '0' }, '--isl: "0" is not a whole number of at least 1'],
  [{ isl: 'NaN' }, '--isl: "NaN" is not a whole number of at least 1'],
  [{ islStddev: '-1' }, '--isl-stddev: "-1" is not a number of at least 0'],
  [{ oslStddev: '2' }, '--osl-stddev: there is no --osl to deviate from'],
  [{ seqDist: '1,2:100', isl: '5' }, '--seq-dist and --isl say the same thing twice'],
  [{ randomRangeRatio: '1' }, '--random-range-ratio: "1" is not from 0 to below 1'],
  [{ promptPrefixPoolSize: '2' }, '--prompt-prefix-pool-size: prefixes have no length'],
  [{ sessionTurnsMean: '0.5' }, '--session-turns-mean: "0.5" is less than one turn'],
  [{ numDatasetEntries: '0' }, '--num-dataset-entries: "0" is not a whole number of at least 1'],
  [{ skipBadRows: true }, '--skip-bad-rows: there is no file of prompts'],
  [
    { publicDataset: 'sharegpt' },
    '--public-dataset: sharegpt is read from a file here, never downloaded',
  ],
  [{ publicDataset: 'aimo' }, '--public-dataset: "aimo" is not known here'],
  [
    { isl: '90', osl: '20', maxContextLength: '100' },
    '--max-context-length: a turn of 110 tokens does not fit into 100',
  ],
])('%j', (flags, message) => {
  expect(errorOf(() => workloadPlanOf(flags)).split('\n')[0]).toBe(message)
})
