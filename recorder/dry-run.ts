import { composer } from './compose.ts'
import type { ReadyRequest } from './messages.ts'
import type { Plan } from './plan.ts'
import { stopOf } from './scheduler/stop.ts'

/** Requests that are made to describe a plan without an end, or with a very far one. */
const MOST = 100_000

/** What a plan would send, in words: nothing is sent. */
export function describePlan(plan: Plan): string {
  const { workload, phase } = composer({ ...plan, lanes: 1, shard: { index: 0, of: 1 } })
  const lines = [
    `${plan.models.join(', ')} at ${plan.urls.map(url => new URL(url).origin).join(', ')}, ${plan.endpointType}${plan.streaming ? ', streaming' : ''}`,
    `seed ${plan.seed}, words of seed ${plan.promptSeed}`,
    ...workload.notes.map(note => `note: ${note}`),
  ]
  for (const each of plan.phases) {
    const made = phase(each)
    const requests: ReadyRequest[] = []
    const most = Math.min(MOST, stopOf(each.load, { index: 0, of: 1 }).requests)
    while (requests.length < most) {
      const some = made.start(0, 1)
      if (some.length === 0) break
      requests.push(...withTurns(some[0]!, made.next))
    }
    lines.push('', ...describePhase(each.name, requests.slice(0, most), requests.length >= MOST))
  }
  return `${lines.join('\n')}\n`
}

/** A session's requests, its later turns made as if every answer were empty. */
function withTurns(
  first: ReadyRequest,
  next: (session: number, body: Uint8Array) => ReadyRequest,
): ReadyRequest[] {
  const turns = [first]
  while (!turns.at(-1)!.last) turns.push(next(first.session, new Uint8Array()))
  return turns
}

function describePhase(name: string, requests: ReadyRequest[], cut: boolean): string[] {
  const sum = (of: (request: ReadyRequest) => number | null): number =>
    requests.reduce((total, request) => total + (of(request) ?? 0), 0)
  const count = requests.length.toLocaleString('en-US')
  const sessions = new Set(requests.map(({ session }) => session)).size
  const lines = [
    `${name}: ${cut ? 'the first ' : ''}${count} requests in ${sessions.toLocaleString('en-US')} sessions`,
    `  input tokens  ${sum(({ row }) => row.input_tokens).toLocaleString('en-US')}`,
    `  output tokens ${sum(({ row }) => row.requested_output_tokens).toLocaleString('en-US')} at most, as far as a limit is sent`,
    `  bytes         ${sum(({ body }) => body.length).toLocaleString('en-US')}`,
  ]
  const dueNs = requests.map(request => request.dueNs).filter(ns => ns !== null)
  if (dueNs.length === 0) return [...lines, '  closed loop: a request is sent when a slot is free']
  const spanNs = dueNs.reduce((most, ns) => Math.max(most, ns), 0)
  const firstNs = dueNs.reduce((least, ns) => Math.min(least, ns), spanNs)
  const rate =
    spanNs > firstNs
      ? `${((dueNs.length - 1) / ((spanNs - firstNs) / 1e9)).toFixed(2)}/s on average, `
      : ''
  return [
    ...lines,
    `  span          ${(spanNs / 1e9).toFixed(3)} s`,
    `  rate          ${rate}${peakPerSecond(dueNs)} in the busiest second`,
    `  first due     ${dueNs
      .slice(0, 10)
      .map(ns => `${(ns / 1e6).toFixed(3)}`)
      .join(', ')} ms`,
  ]
}

function peakPerSecond(dueNs: number[]): number {
  const bySecond = new Map<number, number>()
  for (const ns of dueNs) {
    const second = Math.floor(ns / 1e9)
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1)
  }
  return [...bySecond.values()].reduce((most, n) => Math.max(most, n), 0)
}
