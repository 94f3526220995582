import { mkdirSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { anchorNow } from '../../recorder/clock.ts'
import { COUNTER } from '../../recorder/messages.ts'
import type { ThreadEvents } from '../../recorder/threads.ts'
import { scratch } from '../support/cli.ts'
import { plannedWith } from '../support/plan.ts'
import { simulator } from '../support/simulator.ts'

const path = scratch()
type Threads = typeof import('../../recorder/threads.ts')

async function threadsOf(name: string, url: string, on: Partial<ThreadEvents>) {
  const { startThreads }: Threads = await import(
    new URL('../../dist/recorder/threads.js', import.meta.url).href
  )
  const tape = path(name)
  mkdirSync(tape)
  const plan = plannedWith(
    '--url', url, '--concurrency', '4', '--request-count', '8', '--lanes', '2', '--isl', '2', '--osl', '2',
  ) // biome-ignore format: one flag and its value beside each other
  const { zeroNs } = anchorNow()
  let threads!: ReturnType<typeof startThreads>
  const heard: string[] = []
  await new Promise<void>((resolve, reject) => {
    const none = (): void => {}
    threads = startThreads(
      tape,
      plan,
      { runId: 'r', zeroNs },
      {
        ...{ warm: none, prepared: none, phaseOver: none, note: none },
        dataset: kind => heard.push(`dataset ${kind}`),
        closed: resolve,
        died: reject,
        writeFailed: (path, reason) => reject(new Error(`${path}: ${reason}`)),
        ...on,
      },
    )
    if (Object.keys(on).length === 0) threads.orders.end()
    else Object.assign(on, { threads })
  })
  const counts = threads.counts()
  await threads.terminate()
  return { counts, heard, files: readdirSync(tape).sort() }
}

test('lanes that are told to end before they are there, end', async () => {
  const { counts } = await threadsOf('early', 'http://127.0.0.1:9', {})
  expect(counts[COUNTER.sent]).toBe(0)
})

test('composer, lanes and writer make a phase, and each lane’s files are whole', async () => {
  const server = await simulator('--ttft-ms', '1', '--itl-ms', '1')
  let [warm, prepared, over] = [0, 0, 0]
  type Orders = ReturnType<Threads['startThreads']>['orders']
  const on: Partial<ThreadEvents> & { threads?: { orders: Orders } } = {
    warm() {
      if (++warm === 2) on.threads!.orders.prepare(0)
    },
    prepared() {
      if (++prepared === 2) on.threads!.orders.start(0, 0)
    },
    phaseOver() {
      if (++over === 2) on.threads!.orders.end()
    },
  }
  const { counts, heard, files } = await threadsOf('phase', server.url, on)
  expect(heard).toEqual(['dataset synthetic'])
  expect([counts[COUNTER.sent], counts[COUNTER.done], counts[COUNTER.inFlight]]).toEqual([8, 8, 0])
  expect(files).toEqual(
    ['events', 'health', 'requests'].flatMap(table => [`${table}-0.arrows`, `${table}-1.arrows`]),
  )
})
