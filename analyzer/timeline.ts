import { UserError } from '../schemas/errors.ts'
import type { Answer, Cell } from './formats/tables.ts'
import type { Tapes } from './open-tapes.ts'
import type { Row } from './rows.ts'

/** Characters of a message's text in a timeline. */
const TEXT_WIDTH = 60

/**
 * All that happened to one request, in order: its events, and the messages of its answer.
 *
 * @throws UserError when there is no such request, or the tapes are of several runs
 */
export async function timelineOf(tapes: Tapes, requestId: number): Promise<Answer> {
  if (tapes.runs.length > 1)
    throw new UserError('--request: the tapes are of several runs', 'name the tape of one run')
  const [request] = await tapes.query(`from requests where request_id = ${requestId}`)
  if (!request) {
    const [row] = await tapes.query('select count(*) as n, max(request_id) as last from requests')
    throw new UserError(
      `--request: no request ${requestId}`,
      Number(row!['n']) === 0 ? 'the tape has none' : `the last of ${row!['n']} is ${row!['last']}`,
    )
  }
  const rows = await tapes.query(`from timeline(${requestId})`)
  const several = Number(request['n_content_choices']) > 1
  return {
    head: [
      `request ${requestId} of ${request['run_id']}: ${request['outcome']}${request['detail'] ? `, ${request['detail']}` : ''}`,
    ],
    tables: [
      {
        columns: [
          ...['since send (ms)', 'gap (ms)', 'what', ...(several ? ['choice'] : [])],
          ...['messages in read', 'tokens', 'text'],
        ],
        rows: rows.map(row => [
          milliseconds(row['since_sent_ns']),
          milliseconds(row['gap_ns']),
          row['what'] as Cell,
          ...(several ? [row['choice'] as Cell] : []),
          row['messages_in_read'] as Cell,
          row['tokens'] as Cell,
          textOf(row),
        ]),
        notes: [`gap: since the previous content message${several ? ' of the same choice' : ''}`],
      },
    ],
    json: { request, timeline: rows },
  }
}

const milliseconds = (value: unknown): Cell =>
  value === null ? null : (Number(value) / 1e6).toFixed(3)

const textOf = ({ text }: Row): Cell => {
  if (text === null || text === undefined) return ''
  const whole = JSON.stringify(text)
  return whole.length > TEXT_WIDTH ? `${whole.slice(0, TEXT_WIDTH)}…` : whole
}
