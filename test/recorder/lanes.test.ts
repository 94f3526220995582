import { expect, test } from 'vitest'
import { defaultLanes } from '../../recorder/lanes.ts'
import { scratch, tokentape } from '../support/cli.ts'
import { plannedWith } from '../support/plan.ts'
import { simulator } from '../support/simulator.ts'

test.each([
  [1, 64, 1],
  [500, 64, 1],
  [501, 64, 2],
  [4000, 4, 2],
  [4000, 1, 1],
])('%i streams on %i cores: %i lanes', (streams, cores, lanes) => {
  expect(defaultLanes(streams, cores)).toBe(lanes)
})

test.each([
  [['--concurrency', '3'], 3],
  [['--concurrency', '8', '--prefill-concurrency', '2'], 2],
  [['--request-rate', '10', '--concurrency', '1'], 1],
  [['--request-rate', '10'], 4],
  [['--concurrency', '8', '--warmup-request-count', '4', '--warmup-concurrency', '1'], 4],
  [['--concurrency', '5', '--run-id', 'r', '--shard', '2/3'], 1],
])('no more lanes than a bound has places: %s', (flags, lanes) => {
  expect(plannedWith('--lanes', '4', '--request-count', '9', ...flags).lanes).toBe(lanes)
})

test('more shards than places are refused', () => {
  expect(() => plannedWith('--concurrency', '2', '--run-id', 'r', '--shard', '1/3')).toThrow(
    '--shard: 3 shards share --concurrency 2: some of them could send nothing',
  )
})

test('a lane without a slot in the warm-up stands by, and the run ends', async () => {
  const server = await simulator('--ttft-ms', '2', '--itl-ms', '1')
  const run = await tokentape(
    'record', '--model', 'm', '--streaming', '--isl', '3', '--osl', '3', '--url', server.url, '--no-preflight',
    '--lanes', '3', '--concurrency', '3', '--request-count', '6', '--warmup-concurrency', '1',
    '--warmup-request-count', '2', '-o', path('a.tape'),
  ) // biome-ignore format: one flag and its value beside each other
  expect(run.code).toBe(0)
})
const path = scratch()
