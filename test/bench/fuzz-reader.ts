// Does our reader of HTTP/1.1 agree with others? node dist/test/bench/fuzz-reader.js [--seed 1] [--count 10000] [--only N]
// Answers that are valid, slightly wrong, and cut anywhere go to our transport, `node:http` and undici, two requests
// on a connection. Exit code 1 where ours takes what both others refuse, where all take it and read it differently,
// where ours refuses what both others take and no rule says why, or where a cut changes what our reader makes of bytes.
// `--only N` prints the bytes of case N and what each client made of them; `--all` prints every class.
import { parseArgs } from 'node:util'
import { fuzz, type Result } from './fuzz/fuzz.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '10000' },
    only: { type: 'string' },
    all: { type: 'boolean', default: false },
  },
})

type Class = { hard: boolean; count: number; first: number }
const classes = new Map<string, Class>()
/** Whether each client took the first answer, in this order: ours, `node:http`, undici. */
const taken = new Map<string, number>()
let done = 0

function tell({ case: each, outcomes, cut }: Result): void {
  const { bytes, closes, cuts } = each.answers[0]
  console.log(`${each.kind}; closes: ${closes}; cut at ${cuts.join(' ') || 'no byte'}`)
  console.log(JSON.stringify(bytes.toString('latin1')))
  console.log(JSON.stringify(outcomes, undefined, 1), cut ?? '')
}
function add(result: Result): void {
  const { index, outcomes, findings } = result
  for (const { what, hard } of findings) {
    const found = classes.get(what) ?? { hard, count: 0, first: index }
    classes.set(what, { hard, count: found.count + 1, first: Math.min(found.first, index) })
  }
  const how = (['ours', 'node', 'undici'] as const)
    .map(name => (outcomes[name][0]!.ok ? 'takes' : 'refuses'))
    .join(', ')
  taken.set(how, (taken.get(how) ?? 0) + 1)
  if (values.only !== undefined) tell(result)
  if (++done % 1000 === 0) process.stderr.write(`${done}/${values.count}\r`)
}

console.log(machine())
const indices =
  values.only === undefined
    ? Array.from({ length: Number(values.count) }, (_, i) => i)
    : [Number(values.only)]
const startedMs = performance.now()
await fuzz(Number(values.seed), indices, add)
const seconds = (performance.now() - startedMs) / 1e3

const order = [...classes].sort(
  ([, a], [, b]) => Number(b.hard) - Number(a.hard) || b.count - a.count,
)
// What one other alone does is its own affair, and long.
for (const [what, { hard, count, first }] of order)
  if (hard || values.all || !what.startsWith('only '))
    console.log(
      `${hard ? 'FAULT' : '     '} ${String(count).padStart(6)}  ${what} [first: ${first}]`,
    )
console.log('the first answer, by ours, node:http, undici:')
for (const [how, count] of [...taken].sort(([, a], [, b]) => b - a))
  console.log(`      ${String(count).padStart(6)}  ${how}`)
const faults = order.reduce((n, [, { hard, count }]) => n + (hard ? count : 0), 0)
console.log(
  `${indices.length} cases of seed ${values.seed}, two answers each, in ${seconds.toFixed(0)} s: ${faults} faults`,
)
if (faults > 0) process.exitCode = 1
