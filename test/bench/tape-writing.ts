// What does writing the tape cost? node dist/test/bench/tape-writing.js [--loads 1000x50] [--rounds 5] [--seconds 5]
// On: the recorder. Memory: its tape on a file system in memory. Off: its lane and composer alone.
import { measurePlain } from './measure-plain.ts'
import { measureRecorder } from './measure-recorder.ts'
import { benchFlags, runRounds } from './rounds.ts'

await runRounds(
  benchFlags('100x100,1000x50'),
  {
    on: (load, options) => measureRecorder(load, { ...options, flags: ['--lanes', '1'] }),
    memory: (load, options) =>
      measureRecorder(load, { ...options, flags: ['--lanes', '1'], folder: '/dev/shm' }),
    off: (load, options) => measurePlain('lane', load, options),
  },
  'off',
)
