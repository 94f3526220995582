// What do sender threads cost and buy? node dist/test/bench/lanes.js [--loads 1000x50] [--rounds 5] [--seconds 5]
import { measureRecorder } from './measure-recorder.ts'
import { benchFlags, runRounds } from './rounds.ts'

const lanes = (count: string) => (load: Parameters<typeof measureRecorder>[0], options: object) =>
  measureRecorder(load, { ...options, flags: ['--lanes', count] })

await runRounds(
  benchFlags('1000x10,1000x50,1000x100'),
  { '1 lane': lanes('1'), '2 lanes': lanes('2'), '4 lanes': lanes('4') },
  '1 lane',
)
