import { expect, test } from 'vitest'
import { composer } from '../../recorder/compose.ts'
import type { ReadyRequest } from '../../recorder/messages.ts'
import type { Plan } from '../../recorder/plan.ts'
import { WARMUP_IDS } from '../../recorder/scheduler/agenda.ts'
import { plannedWith } from '../support/plan.ts'

const TURNS = [
  '--session-turns-mean',
  '4',
  '--session-turns-stddev',
  '0',
  '--isl',
  '4',
  '--osl',
  '4',
]
const ANSWER = Buffer.from('data: {"choices":[{"delta":{"content":"yes"}}]}\n\n')

/**
 * All that a phase sends: `slots` sessions at a time over the lanes, each turn answered as `order` says, the next
 * session when one has ended.
 */
function sentBy(plan: Plan, slots: number, order: (running: number) => number = () => 0, at = -1) {
  const made = composer(plan).phase(plan.phases.at(at)!)
  const sent: ReadyRequest[] = []
  const running: ReadyRequest[] = []
  let more = true
  for (let lane = 0; ; lane = (lane + 1) % plan.lanes) {
    while (more && running.length < slots) {
      const [next] = made.start(lane, 1)
      if (next) running.push(next)
      else more = false
    }
    const [request] = running.splice(order(running.length), 1)
    if (!request) return sent
    sent.push(request)
    if (!request.last) running.push(made.next(request.session, ANSWER))
  }
}
const idsOf = (sent: ReadyRequest[]): number[] => sent.map(({ row }) => row.request_id)

test('shards give the requests of their sessions ids of their own', () => {
  const ids = ['1/3', '2/3', '3/3'].flatMap(shard => {
    const plan = plannedWith(
      ...TURNS, '--num-sessions', '9', '--concurrency', '9', '--run-id', 'r', '--shard', shard,
    ) // biome-ignore format: one flag and its value beside each other
    return idsOf(sentBy(plan, 3))
  })
  expect(ids).toHaveLength(36)
  expect(new Set(ids).size).toBe(36)
})

test('a session of 1,040 turns shares no id with the next one', () => {
  const plan = plannedWith(
    '--session-turns-mean', '1040', '--session-turns-stddev', '0', '--isl', '1', '--num-sessions', '2',
    '--concurrency', '2',
  ) // biome-ignore format: one flag and its value beside each other
  const sent = sentBy(plan, 2)
  expect(sent).toHaveLength(2080)
  expect(new Set(idsOf(sent)).size).toBe(2080)
})

test('what is asked follows from session and turn, whatever the order in which answers come', () => {
  const plan = plannedWith(
    ...TURNS, '--num-sessions', '6', '--concurrency', '3', '--request-cancellation-rate', '30', '--model', 'a,b',
    '--url', 'http://x', '--url', 'http://y',
  ) // biome-ignore format: one flag and its value beside each other
  const asked = (order: (n: number) => number) =>
    sentBy(plan, 3, order)
      .map(({ session, turn, body, urlIndex, cancelAfterNs, row }) => ({
        ...{ session, turn, urlIndex, cancelAfterNs },
        ...{ model: row.model, body: Buffer.from(body).toString() },
      }))
      .sort((a, b) => a.session - b.session || a.turn - b.turn)
  const inOrder = asked(() => 0)
  expect(asked(n => n - 1)).toEqual(inOrder)
  // A session stays with its model and its server, which hold its history.
  for (const { session, urlIndex, model } of inOrder)
    expect([urlIndex, model]).toEqual([session % 2, 'ab'[session % 2]])
  expect(inOrder.some(({ cancelAfterNs }) => cancelAfterNs !== null)).toBe(true)
})

test('requests of one turn have the numbers of their sessions, a warm-up’s from 2^31 on', () => {
  const plan = plannedWith(
    '--request-count',
    '3',
    '--warmup-request-count',
    '2',
    '--concurrency',
    '2',
  )
  expect(idsOf(sentBy(plan, 2))).toEqual([0, 1, 2])
  expect(idsOf(sentBy(plan, 2, () => 0, 0))).toEqual([WARMUP_IDS, WARMUP_IDS + 1])
})

test('a user in the middle of a short life has its last turn to come', () => {
  const plan = plannedWith(
    '--session-turns-mean', '5', '--session-turns-stddev', '2', '--isl', '2', '--user-centric-rate', '10',
    '--num-users', '20', '--num-sessions', '40',
  ) // biome-ignore format: one flag and its value beside each other
  for (const { row } of sentBy(plan, 20)) expect(row.body_bytes).toBeGreaterThan(0)
})
