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
