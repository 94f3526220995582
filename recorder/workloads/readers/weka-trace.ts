import {
  type Fields,
  fieldsOf,
  listFrom,
  objectFrom,
  RowFault,
  secondsField,
  shown,
  textFrom,
  wholeField,
} from '../fields.ts'
import { hashIdsFrom, LAST_HASH_ID } from '../hash-ids.ts'
import type { RowTurn, StatefulReader } from '../row-reader.ts'
import { requiredTokens } from './required-tokens.ts'

/**
 * Weka's traces of agents: seconds, blocks of 64 tokens. A line is a conversation
 * (`id`, `requests: [{t, in, out, hash_ids, think_time}]`) or one request with its `id`.
 *
 * Each prompt (`in`) holds its history already, so live answers are not put in front of it. Times are
 * since the conversation began, so all of them begin at once. A subagent's requests are turns in order
 * of time, not in parallel.
 */
export const wekaTrace: StatefulReader = {
  unit: 's',
  blockTokens: 64,
  begin() {
    const scoped = idScopes()
    return (text, { blockTokens }) => {
      const fields = fieldsOf(text)
      const sessionId = textFrom(fields['id'], 'id: a string')
      const ownBlock = wholeField(fields, 'block_size', 1)
      if (ownBlock !== null && ownBlock !== blockTokens)
        throw new RowFault(`block_size: ${blockTokens} (--isl-block-size)`, ownBlock)
      const isWhole = fields['requests'] !== undefined
      const requests = isWhole ? requestsOf(fields['requests'], 0) : [fields]
      const turns = requests.map(request => turnOf(request, blockTokens))
      if (fields['hash_id_scope'] !== 'local') return { sessionId, system: null, turns }
      const ids = scoped(
        sessionId,
        turns.map(({ made }) => made!.hashIds),
      )
      return {
        sessionId,
        system: null,
        turns: turns.map((turn, i) => ({ ...turn, made: { ...turn.made!, hashIds: ids[i]! } })),
      }
    }
  },
}

function turnOf(request: Fields, blockTokens: number): RowTurn {
  const tokens = requiredTokens(request, 'in')
  const hashIds = hashIdsFrom(request['hash_ids'], tokens, blockTokens)
  return {
    made: { tokens, hashIds, isWhole: true },
    outputTokens: wholeField(request, 'out', 1),
    timestampMs: secondsField(request, 't'),
    delayMs: secondsField(request, 'think_time') ?? 0,
  }
}

/** The requests of a conversation with those of its subagents, in order of time. */
function requestsOf(value: unknown, sinceS: number): Fields[] {
  const all = listFrom(value, 'requests: a list that is not empty').flatMap(item => {
    const request = objectFrom(item, 'requests: objects')
    const t = request['t']
    if (request['requests'] === undefined)
      return [typeof t === 'number' ? { ...request, t: t + sinceS } : request]
    if (typeof t !== 'number') throw new RowFault('t: seconds', shown(t))
    // Inner times are since the conversation began, or, where that is before the spawn, since the spawn.
    const [first] = listFrom(request['requests'], 'requests: a list that is not empty') as Fields[]
    const isRelative = typeof first?.['t'] === 'number' && first['t'] < t
    return requestsOf(request['requests'], sinceS + (isRelative ? t : 0))
  })
  return all.sort((a, b) => Number(a['t'] ?? 0) - Number(b['t'] ?? 0))
}

/**
 * Ids that count within a conversation, made ids of the whole file: each conversation's begin behind the
 * one read before it.
 */
function idScopes(): (conversation: string, requests: (number[] | null)[]) => (number[] | null)[] {
  const bases = new Map<string, number>()
  let next = 0
  return (conversation, requests) => {
    const known = bases.get(conversation)
    const base = known ?? next
    const last = requests.reduce(
      (most, ids) => ids?.reduce((a, b) => Math.max(a, b), most) ?? most,
      -1,
    )
    if (base + last > LAST_HASH_ID)
      throw new RowFault(`hash_ids of all conversations below ${LAST_HASH_ID}`, base + last)
    if (known === undefined) {
      bases.set(conversation, base)
      next += last + 1
    }
    return requests.map(ids => ids?.map(id => base + id) ?? null)
  }
}
