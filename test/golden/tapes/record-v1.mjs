// How v1.tape and v1-live.tape were made: node record-v1.mjs <absolute path of dist/> <folder>
// They are never made again: a tape of a released format version must open as it was written.
import { rmSync } from 'node:fs'
const [dist, folder] = process.argv.slice(2)
const { startSimulator } = await import(`${dist}/simulator/child.js`)
const { addPlanOptions } = await import(`${dist}/recorder/record-command.js`)
const { runPlan } = await import(`${dist}/recorder/run.js`)
const { planOf } = await import(`${dist}/recorder/plan.js`)
const { findTokenizer } = await import(`${dist}/schemas/tokenizer.js`)
const { Command } = await import('commander')
const base = ['--ttft-ms', '40', '--itl-ms', '10', '--ttft-jitter-ms', '15', '--itl-jitter-ms', '2']
const servers = []
for (const extra of [
  [],
  ['--reasoning-tokens', '3'],
  ['--fault', 'status-429', '--fault-ratio', '0.5', '--seed', '7'],
  ['--fault', 'cut', '--fault-ratio', '0.5', '--seed', '7'],
])
  servers.push(await startSimulator([...base, ...extra]))
const io = { out: text => process.stdout.write(text), err: text => process.stderr.write(text) }
const argv = ['record', '--model', 'simulated', ...servers.flatMap(({ url }) => ['--url', url]), '--streaming', '--concurrency', '8', '--request-count', '24', '--isl', '20', '--osl', '12', '--lanes', '2', '--random-seed', '1', '--run-id', 'v1', '--keep', 'raw', '--output', 'v1.tape']
let flags
await addPlanOptions(new Command('record')).action(parsed => { flags = parsed }).parseAsync(argv.slice(1), { from: 'user' })
const live = `${folder}/v1-live.tape`
const sealed = `${folder}/v1.tape`
for (const tape of [live, sealed]) rmSync(tape, { recursive: true, force: true })
const { id, digest } = findTokenizer('builtin')
for (const [tape, seal] of [[sealed, true], [live, false]])
  await runPlan(planOf(flags, {}), { argv, tape, force: false, seal, io, isTerminal: false, tokenizer: { id, digest } })
for (const server of servers) await server.stop()
