// What do --keep timing, and the search for a key, cost over --keep raw? node dist/test/bench/keep.js [--loads 1000x50] [--rounds 5] [--seconds 5]
import { measureRecorder } from './measure-recorder.ts'
import { benchFlags, runRounds } from './rounds.ts'

await runRounds(
  benchFlags('100x100,1000x50'),
  {
    raw: (load, options) => measureRecorder(load, { ...options, flags: ['--keep', 'raw'] }),
    key: (load, options) =>
      measureRecorder(load, { ...options, env: { HF_TOKEN: 'hf_bench0123456789abcdefghij' } }),
    timing: (load, options) => measureRecorder(load, { ...options, flags: ['--keep', 'timing'] }),
  },
  'raw',
)
