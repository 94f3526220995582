// Does a recorder hold for long? node dist/test/bench/soak.js [--minutes 10] [--streams 40] [--prefill 8] [--in-process 10] [--seed 1]
// First the recorder as a child, against five servers that fail in ways of their own: sessions of several turns,
// cancellations, a prefill bound, role and first content in one read. Then short runs in this process. Exit code 1
// where a token or a request is lost, invented or another's; what it holds on to is printed against the aim.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openTapes } from '../../analyzer/open-tapes.ts'
import { main } from '../../tokentape.ts'
import { type Ledger, ledgerOf } from './soak/ledger.ts'
import { loadFlags, startServers } from './soak/load.ts'
import { figuresOf, type ProcessFigures } from './soak/process-figures.ts'
import { machine } from './table.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    streams: { type: 'string', default: '40' },
    // 0: no bound.
    prefill: { type: 'string', default: '8' },
    'in-process': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
})
const bin = new URL('../../tokentape.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'tokentape-bench-'))
/** How much of a figure it may change by. */
const FLAT = 0.05

/** Runs the recorder to its end; its figures each second. */
async function watched(child: ChildProcess): Promise<ProcessFigures[]> {
  let text = ''
  child.stderr!.on('data', piece => {
    text = (text + piece).slice(-4000)
  })
  const closed = once(child, 'close')
  const figures: ProcessFigures[] = []
  while (child.exitCode === null && child.signalCode === null) {
    const now = figuresOf(child.pid!)
    if (now) figures.push(now)
    await Promise.race([sleep(1000), closed])
  }
  await closed
  if (child.exitCode !== 0) throw new Error(`record ended with ${child.exitCode}\n${text}`)
  return figures
}

const median = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
const line = (what: string, figure: string, aim: string): void =>
  console.log(`${what.padEnd(46)}${figure.padStart(26)}   aim: ${aim}`)

function printLedger(ledger: Ledger): void {
  console.log(
    `${ledger.requests} requests, ${ledger.tokens} tokens: ${JSON.stringify(ledger.outcomes)}`,
  )
  line('requests lost', String(ledger.lostRequests), '0')
  line('tokens lost', String(ledger.lostTokens), '0')
  line('tokens invented, or before their write', String(ledger.invented), '0')
  line("requests with another's words or ids", String(ledger.misattributed), '0')
  line('requests answered twice', String(ledger.askedTwice), '0')
  line('checks that the tape does not add up', String(ledger.faults.length), '0')
  for (const each of [...ledger.faults, ...ledger.examples]) console.log(`  ${each}`)
  const { lostRequests, lostTokens, invented, misattributed, askedTwice, faults } = ledger
  if (lostRequests + lostTokens + invented + misattributed + askedTwice + faults.length > 0)
    process.exitCode = 1
}

/** Resident memory by minute, from the tape's own pulse. */
async function printMemory(tape: string): Promise<void> {
  const tapes = await openTapes([tape], { err: () => {} })
  const rows = await tapes.query(`
    select floor(at_ns / 6e10)::int as minute, median(rss_bytes) / 1048576 as rss_mb
    from raw_health group by all order by 1`)
  tapes.close()
  const byMinute = rows.map(row => Number(row['rss_mb']))
  console.log(`resident memory by minute, MB: ${byMinute.map(mb => mb.toFixed(0)).join(' ')}`)
  // The last minute may be a few seconds long.
  const settled = byMinute.slice(2, Number(values.minutes))
  const change = Math.max(...settled) / Math.min(...settled) - 1
  if (settled.length < 2) console.log('  too short a run for the memory after the second minute')
  else
    line('memory after the second minute changes by', percent(change), `at most ${percent(FLAT)}`)
}
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

async function soakChild(): Promise<void> {
  const tape = join(folder, 'a.tape')
  const seconds = 60 * Number(values.minutes)
  const servers = await startServers(folder, 'child')
  let figures: ProcessFigures[]
  try {
    figures = await watched(
      spawn(process.execPath, [bin, ...loadFlags({ ...values, seconds }, servers.urls, tape)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    )
  } finally {
    await servers.stop()
  }
  console.log(`the recorder as a child, ${values.minutes} minutes, ${values.streams} streams:`)
  printLedger(await ledgerOf(tape, servers.truths))
  // Of the time in which it sends: neither its start nor the sealing.
  const sending = figures.slice(2, Math.floor(seconds))
  const early = sending.slice(0, Math.ceil(sending.length / 4))
  const late = sending.slice(-Math.ceil(sending.length / 4))
  for (const key of ['descriptors', 'threads'] as const) {
    const [before, after] = [early, late].map(each => median(each.map(row => row[key])))
    line(`${key}, first and last quarter`, `${before}, ${after}`, 'the same')
  }
  await printMemory(tape)
  rmSync(tape, { recursive: true })
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** What this process holds once what has ended is gone: threads go a moment after their work. */
async function settledFigures(): Promise<ProcessFigures> {
  let lowest = figuresOf('self')!
  for (let i = 0; i < 10; i++) {
    collect()
    await sleep(100)
    const now = figuresOf('self')!
    if (now.threads <= lowest.threads && now.descriptors <= lowest.descriptors) lowest = now
  }
  return lowest
}

async function soakHere(): Promise<void> {
  const runs = Number(values['in-process'])
  const servers = await startServers(folder, 'here')
  const after: ProcessFigures[] = []
  const ledgers: Promise<Ledger>[] = []
  const tapes: string[] = []
  try {
    const before = await settledFigures()
    console.log(
      `${runs} runs in one process; before: ${before.descriptors} descriptors, ${before.threads} threads, ${before.rssMb.toFixed(0)} MB`,
    )
    for (let i = 0; i < runs; i++) {
      const tape = join(folder, `here-${i}.tape`)
      let err = ''
      const io = {
        out() {},
        err(text: string) {
          err += text
        },
      }
      const code = await main(loadFlags({ ...values, seconds: 2 }, servers.urls, tape), io)
      if (code !== 0) throw new Error(`record ended with ${code}\n${err}`)
      tapes.push(tape)
      after.push(await settledFigures())
      process.stderr.write(`${i + 1}/${runs} runs\r`)
    }
  } finally {
    await servers.stop()
  }
  // The first run loads modules, starts libuv's pool and compiles code: what it leaves stays.
  const [first, last] = [after[0]!, after.at(-1)!]
  for (const key of ['descriptors', 'threads'] as const)
    line(`${key} after the first run and the last`, `${first[key]}, ${last[key]}`, 'the same')
  console.log(`memory after each, MB: ${after.map(({ rssMb }) => rssMb.toFixed(0)).join(' ')}`)
  // One collection more or less moves a single figure by a fifth: halves are compared.
  const settled = after.slice(2).map(({ rssMb }) => rssMb)
  const half = settled.length >> 1
  if (half >= 2)
    line(
      'memory, first and second half, changes by',
      percent(median(settled.slice(half)) / median(settled.slice(0, half)) - 1),
      `at most ${percent(FLAT)}`,
    )
  for (const tape of tapes) ledgers.push(ledgerOf(tape, servers.truths))
  for (const ledger of await Promise.all(ledgers)) {
    const { outcomes, faults, examples, requests, tokens, ...counts } = ledger
    if (Object.values(counts).some(n => n > 0) || faults.length > 0) printLedger(ledger)
  }
}

try {
  console.log(machine())
  await soakChild()
  if (Number(values['in-process']) > 0) await soakHere()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
