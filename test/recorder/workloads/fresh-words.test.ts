import { expect, test } from 'vitest'
import type { Session } from '../../../recorder/workloads/workload.ts'
import type { WorkloadFlags } from '../../../recorder/workloads/workload-flags.ts'
import { builtin, fileOf, workload } from './support.ts'

/** The same load in the first run of a command line and in a later one. */
const runsOf = (flags: WorkloadFlags) =>
  [7, 8].map(promptSeed => workload(flags, 7, builtin, promptSeed))

/** What a session is, its words left out. */
const shapeOf = ({ system, turns, ...rest }: Session) => ({
  ...rest,
  hasSystem: system !== null,
  turns: turns.map(({ texts, messages, ...turn }) => ({ ...turn, nTexts: texts.length })),
})
const wordsOf = ({ system, turns }: Session): string[] => [
  ...(system === null ? [] : [system]),
  ...turns.flatMap(({ texts, messages }) => [
    ...texts,
    ...(messages ?? []).map(({ content }) => String(content)),
  ]),
]

test.each<[string, WorkloadFlags]>([
  [
    'made-up prompts: system prompt, prefix, context and every turn',
    {
      isl: '30',
      islStddev: '10',
      osl: '20',
      oslStddev: '5',
      sharedSystemPromptLength: '10',
      promptPrefixPoolSize: '3',
      promptPrefixLength: '5',
      userContextPromptLength: '4',
      sessionTurnsMean: '3',
      sessionTurnsStddev: '1',
      sessionTurnDelayMean: '50',
      sessionTurnDelayStddev: '10',
    },
  ],
  ['entries that come again', { isl: '20', islStddev: '5', numDatasetEntries: '4' }],
  ['a batch of texts', { isl: '20', batchSize: '3' }],
  [
    'blocks of a trace',
    {
      inputFile: fileOf([
        { timestamp: 0, input_length: 700, output_length: 5, hash_ids: [1, 2] },
        { timestamp: 10, input_length: 900, output_length: 6, hash_ids: [1, 3] },
      ]),
      customDatasetType: 'mooncake_trace',
    },
  ],
])('%s: other words in every run, of the same lengths', (_, flags) => {
  const [first, later] = runsOf(flags)
  expect(first!.isMadeUp).toBe(true)
  for (let i = 0; i < 6; i++) {
    const [a, b] = [first!.session(i), later!.session(i)]
    expect(shapeOf(b)).toEqual(shapeOf(a))
    const words = new Set(wordsOf(a))
    expect(wordsOf(b).filter(text => words.has(text))).toEqual([])
  }
  // The digest is of what the prompts are made from; the words' seed stands beside it.
  expect(later!.digest).toBe(first!.digest)
})

test('marks of --cache-bust are of the run', () => {
  const inputFile = fileOf([{ text: 'Hello there' }])
  const [first, later] = runsOf({ inputFile, cacheBust: 'first_turn_prefix' })
  expect(first!.isMadeUp).toBe(true)
  expect(first!.session(0).turns[0]!.texts).not.toEqual(later!.session(0).turns[0]!.texts)
})

test('the prompts of a file are those of the file', () => {
  const [first, later] = runsOf({ inputFile: fileOf([{ text: 'Hello' }, { text: 'there' }]) })
  expect(first!.isMadeUp).toBe(false)
  expect(later!.session(1)).toEqual(first!.session(1))
})
