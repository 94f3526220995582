import type { Rows } from './answer.ts'
import type { Usage } from './content.ts'
import type { MessageBatch } from './message-batch.ts'
import { FRAMINGS, MESSAGE_KINDS } from './messages-table.ts'
import { type TokenCounter, tokensByPiece } from './tokens.ts'

const CONTENT = new Set(
  ['text', 'reasoning', 'tool'].map(kind => MESSAGE_KINDS.indexOf(kind as never)),
)
const USAGE: (keyof Usage)[] = [
  'prompt_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'cached_tokens',
]

/** Writes the messages of one answer, with what only the whole of it tells: tokens, gaps, sharing of reads. */
export function writeRows(
  requestId: number,
  rows: Rows,
  tokenizer: TokenCounter | undefined,
  batch: MessageBatch,
): void {
  const length = rows.kind.length
  const framing = FRAMINGS.indexOf(rows.framing)
  const tokens = tokenizer && tokensByRow(rows, tokenizer)
  const others = groupByRow(rows.others)
  let contents = 0
  let lastContentNs = 0
  let sharing = 0
  for (let row = 0; row < length; row++) {
    const atNs = rows.atNs[row]!
    const read = rows.readSeq[row]!
    const kind = rows.kind[row]!
    if (row === 0 || read !== rows.readSeq[row - 1]) {
      sharing = 1
      while (rows.readSeq[row + sharing] === read) sharing++
    }
    batch.set('request_id', requestId)
    batch.set('message_index', row)
    batch.set('read_seq', read)
    batch.set('messages_in_read', sharing)
    batch.set('at_ns', atNs)
    batch.set('framing', framing)
    batch.set('kind', kind)
    if (CONTENT.has(kind)) {
      const { text } = rows
      batch.set('choice', rows.channels[rows.channel[row]!]!.choice)
      batch.set('content_index', contents)
      if (contents > 0) batch.set('gap_ns', atNs - lastContentNs)
      batch.set('text', text[row]!)
      let bytes = Buffer.byteLength(text[row]!)
      const more = others.get(row)
      if (more) {
        const otherText = more.map(other => other.text).join('')
        batch.set('other_text', otherText)
        bytes += Buffer.byteLength(otherText)
      }
      batch.set('text_bytes', bytes)
      if (tokens) batch.set('tokens', tokens[row]!)
      contents++
      lastContentNs = atNs
    }
    const facts = rows.facts.size > 0 ? rows.facts.get(row) : undefined
    if (facts) {
      if (facts.choice !== undefined && !CONTENT.has(kind)) batch.set('choice', facts.choice)
      if (facts.finishReason) batch.set('finish_reason', facts.finishReason)
      if (facts.error) batch.set('error', facts.error)
      for (const name of USAGE)
        if (facts.usage?.[name] !== undefined) batch.set(name, facts.usage[name])
    }
    batch.next()
  }
}

/** Tokens of each message, counted over the whole text of each channel. */
function tokensByRow(rows: Rows, tokenizer: TokenCounter): Uint32Array {
  const tokens = new Uint32Array(rows.kind.length)
  for (const channel of rows.channels.keys()) {
    const pieces: { row: number; text: string }[] = []
    for (let row = 0; row < rows.channel.length; row++)
      if (rows.channel[row] === channel) pieces.push({ row, text: rows.text[row]! })
    for (const other of rows.others) if (other.channel === channel) pieces.push(other)
    if (rows.others.length > 0) pieces.sort((a, b) => a.row - b.row)
    const counts = tokensByPiece(
      tokenizer,
      pieces.map(({ text }) => text),
    )
    for (const [i, { row }] of pieces.entries()) tokens[row]! += counts[i]!
  }
  return tokens
}

function groupByRow(others: Rows['others']): Map<number, Rows['others']> {
  const groups = new Map<number, Rows['others']>()
  for (const other of others) groups.set(other.row, [...(groups.get(other.row) ?? []), other])
  return groups
}
