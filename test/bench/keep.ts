// What does --keep timing cost over --keep raw? node dist/test/bench/keep.js [--loads 1000x50] [--rounds 5] [--seconds 5]
import { measureRecorder } from './measure-recorder.ts'
import { benchFlags, runRounds } from './rounds.ts'

await runRounds(
  benchFlags('100x100,1000x50'),
  {
    raw: (load, options) => measureRecorder(load, { ...options, flags: ['--keep', 'raw'] }),
    timing: (load, options) => measureRecorder(load, { ...options, flags: ['--keep', 'timing'] }),
  },
  'raw',
)
