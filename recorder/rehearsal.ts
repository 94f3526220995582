import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { newTally } from './health.ts'
import { openSlot, type Slot, type SlotParts } from './slot.ts'

const CONNECTIONS = 4
/** The run's own headers may be larger than Node's servers usually take. */
const MOST_HEADER_BYTES = 1 << 20
/** A rehearsal that takes longer is given up. */
const MOST_MS = 10_000
/** Their events fit into one set of the log. */
const REQUESTS = 24
const MESSAGES = 16

type Parts = Omit<SlotParts, 'url'>

const MESSAGE = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'a' } }] })}\n\n`

/**
 * Sends a few requests to a server of the lane's own, before the clock starts, and throws their events
 * away: the first streams of a run would meet cold code otherwise.
 *
 * Log and tally are the run's own, since code that has met two of them is slower with each.
 *
 * @throws an error where nobody may listen on 127.0.0.1, or an answer fails
 */
export async function rehearse(parts: Parts): Promise<void> {
  const server = createServer(
    { maxHeaderSize: MOST_HEADER_BYTES },
    (_request, response) => void answer(response),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await askAll(server.address() as AddressInfo, parts)
  } finally {
    server.close()
    server.closeAllConnections()
    parts.log.clear()
    Object.assign(parts.tally, newTally())
  }
}

async function askAll({ port }: AddressInfo, parts: Parts): Promise<void> {
  const url = new URL(`http://127.0.0.1:${port}`)
  const body = Buffer.from('{"stream":true}')
  const slots = Array.from({ length: CONNECTIONS }, () => openSlot({ ...parts, url }))
  const ask = async (slot: Slot): Promise<void> => {
    for (let id = 0; id < REQUESTS; id++)
      await new Promise<void>((resolve, reject) => {
        const request = { row: { request_id: id }, path: '/', body, cancelAfterNs: null }
        slot.send(request, parts.nowNs(), {
          over: failure => (failure === null ? resolve() : reject(new Error(failure))),
        })
      })
  }
  const deadline = setTimeout(() => {
    for (const slot of slots) slot.cancel('given_up')
  }, MOST_MS)
  // All of them, also where one has failed: what the others log must be there to be cleared.
  const ends = await Promise.allSettled(slots.map(ask))
  clearTimeout(deadline)
  for (const slot of slots) slot.close()
  const failed = ends.find(end => end.status === 'rejected')
  if (failed) throw failed.reason
}

async function answer(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let i = 0; i < MESSAGES; i++) {
    response.write(MESSAGE)
    await nextTurn()
  }
  response.end('data: [DONE]\n\n')
}
