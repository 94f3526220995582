// How much does the recorder add? node dist/test/bench/added-cost.js [--loads 100x100,1000x50] [--rounds 5] [--seconds 5]
// The recorder, tape writing included, and the plainest undici, node:http and net+onread clients that
// only stamp, in interleaved rounds under the same loads from the same truth server.
import { parseArgs } from 'node:util'
import { measurePlain } from './measure-plain.ts'
import { measureRecorder } from './measure-recorder.ts'
import { machine, medianRow, printTable, type Row } from './table.ts'

const { values } = parseArgs({
  options: {
    loads: { type: 'string', default: '100x100,1000x10,1000x50,1000x100' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    'lockstep-ms': { type: 'string', default: '0' },
    clients: { type: 'string', default: 'recorder,undici,http,onread' },
  },
})
const lockstepMs = Number(values['lockstep-ms'])
const clients = values.clients.split(',')

console.log(machine())
for (const step of values.loads.split(',')) {
  const [streams, tokensPerSecond] = step.split('x').map(Number) as [number, number]
  const load = { streams, tokensPerSecond, warmSeconds: 3, seconds: Number(values.seconds) }
  const rows = new Map<string, Row[]>(clients.map(client => [client, []]))
  for (let round = 0; round < Number(values.rounds); round++)
    for (const client of clients) {
      const level =
        client === 'recorder'
          ? await measureRecorder(load, { lockstepMs })
          : await measurePlain(client, load, { lockstepMs })
      rows.get(client)!.push(level)
    }
  console.log(
    `\n${streams} streams × ${tokensPerSecond} tokens/s, medians of ${values.rounds} rounds of ${values.seconds} s${lockstepMs ? `, lockstep every ${lockstepMs} ms` : ''}`,
  )
  const medians = [...rows].map(([client, each]) => [client, medianRow(each)] as const)
  printTable(medians, 'undici')
}
