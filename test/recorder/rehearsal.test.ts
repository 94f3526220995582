import { expect, test } from 'vitest'
import { afterReads } from '../../recorder/after-reads.ts'
import { type EventBuffers, eventLog, KIND, newBuffers } from '../../recorder/event-log.ts'
import { newTally } from '../../recorder/health.ts'
import { TRANSPORTS } from '../../recorder/http/transports.ts'
import { keptHeaders } from '../../recorder/kept-headers.ts'
import { rehearse } from '../../recorder/rehearsal.ts'
import { ns } from '../../schemas/units.ts'

test.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
  '%s: a rehearsal goes through the log and the tally, and leaves nothing in them',
  async client => {
    const handedOver: EventBuffers[] = []
    const log = eventLog(newBuffers(), set => {
      handedOver.push(set)
      return newBuffers()
    })
    const seen = { rows: 0 }
    const counting = {
      ...log,
      data(...row: Parameters<typeof log.data>) {
        seen.rows++
        log.data(...row)
      },
    }
    const tally = newTally()
    const nowNs = () => ns(Math.round(performance.now() * 1e6))
    const transport = (await TRANSPORTS[client]())({ nowNs, tls: {}, headers: {}, unasked() {} })
    const later = afterReads(() => {})
    const parts = { runId: 'r', transport, streamAsked: true, nowNs, tally, afterReads: later }
    await rehearse({ ...parts, keptOf: keptHeaders([]), log: counting })
    // 96 answers of at least a head and a read each.
    expect(seen.rows).toBeGreaterThanOrEqual(192)
    expect(handedOver).toEqual([])
    expect(tally).toEqual(newTally())
    log.event(7, KIND.sent, ns(1), 0, 0)
    log.flush()
    expect(handedOver.map(({ length, requestId }) => [length, requestId[0]])).toEqual([[1, 7]])
  },
)

test('a rehearsal that fails ends all that it began before it is forgotten', async () => {
  const handedOver: EventBuffers[] = []
  const log = eventLog(newBuffers(), set => {
    handedOver.push(set)
    return newBuffers()
  })
  const nowNs = () => ns(Math.round(performance.now() * 1e6))
  const made = (await TRANSPORTS.onread())({ nowNs, tls: {}, headers: {}, unasked() {} })
  let opened = 0
  const parts = {
    ...{ runId: 'r', streamAsked: true, nowNs, log, tally: newTally(), keptOf: keptHeaders([]) },
    afterReads: afterReads(() => {}),
    // One of the four connections goes nowhere.
    transport: (url: URL, stamp: Parameters<typeof made>[1]) =>
      made(opened++ === 1 ? new URL('http://127.0.0.1:1') : url, stamp),
  }
  await expect(rehearse(parts)).rejects.toThrow('connect_error')
  await new Promise(resolve => setImmediate(resolve))
  log.flush()
  expect(handedOver).toEqual([])
})
