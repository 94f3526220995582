// How much does the recorder add? node dist/test/bench/added-cost.js [--loads 100x100] [--rounds 5] [--seconds 5]
// The recorder, tape writing included, and the plainest undici dispatch, node:http and net + onread
// clients that only stamp, under the same loads from the same truth server.
import { measurePlain } from './measure-plain.ts'
import { measureRecorder } from './measure-recorder.ts'
import { benchFlags, runRounds } from './rounds.ts'

await runRounds(
  benchFlags('100x100,1000x10,1000x50,1000x100'),
  {
    recorder: (load, options) => measureRecorder(load, options),
    undici: (load, options) => measurePlain('undici', load, options),
    http: (load, options) => measurePlain('http', load, options),
    onread: (load, options) => measurePlain('onread', load, options),
  },
  'undici',
)
