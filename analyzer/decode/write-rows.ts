import type { Rows } from './answer.ts'
import type { Facts, Usage } from './content.ts'
import type { MessageBatch } from './message-batch.ts'
import { FRAMINGS } from './messages-table.ts'
import { MOST_CHARACTERS, type TokenCounter, tokensByPiece } from './tokens.ts'

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
  const { columns } = batch
  const { text, atNs, readSeq, kind, channel } = rows
  const length = kind.length
  const framing = FRAMINGS.indexOf(rows.framing)
  const tokens =
    tokenizer && charactersOf(rows) <= MOST_CHARACTERS ? tokensByRow(rows, tokenizer) : undefined
  const others = groupByRow(rows.others)
  let contents = 0
  let lastContentNs = 0
  let sharing = 0
  for (let row = 0; row < length; row++) {
    if (row === 0 || readSeq[row] !== readSeq[row - 1]) {
      sharing = 1
      while (row + sharing < length && readSeq[row + sharing] === readSeq[row]) sharing++
    }
    batch.uint32(columns.request_id, requestId)
    batch.uint32(columns.message_index, row)
    batch.uint32(columns.read_seq, readSeq[row]!)
    batch.uint32(columns.messages_in_read, sharing)
    batch.int64(columns.at_ns, atNs[row]!)
    batch.uint32(columns.framing, framing)
    batch.uint32(columns.kind, kind[row]!)
    if (rows.deltaKey[row]! >= 0) batch.uint32(columns.delta_key, rows.deltaKey[row]!)
    if (channel[row]! >= 0) {
      batch.uint32(columns.choice, rows.channels[channel[row]!]!.choice)
      batch.uint32(columns.content_index, contents)
      if (contents > 0) batch.int64(columns.gap_ns, atNs[row]! - lastContentNs)
      batch.text(columns.text, text[row]!)
      const otherText = others.size > 0 ? others.get(row) : undefined
      if (otherText) batch.text(columns.other_text, otherText)
      batch.uint32(columns.text_bytes, Buffer.byteLength(text[row]! + (otherText ?? '')))
      if (tokens) batch.uint32(columns.tokens, tokens[row]!)
      contents++
      lastContentNs = atNs[row]!
    }
    const facts = rows.facts.size > 0 ? rows.facts.get(row) : undefined
    if (facts) writeFacts(facts, channel[row]! >= 0, batch)
    batch.next()
  }
}

function writeFacts(
  { choice, finishReason, usage, error }: Facts,
  isContent: boolean,
  batch: MessageBatch,
): void {
  const { columns } = batch
  if (choice !== undefined && !isContent) batch.uint32(columns.choice, choice)
  if (finishReason) batch.text(columns.finish_reason, finishReason)
  if (error) batch.text(columns.error, error)
  for (const name of USAGE)
    if (usage?.[name] !== undefined) batch.uint32(columns[name], usage[name])
}

function charactersOf({ text, others }: Rows): number {
  let characters = 0
  for (const piece of text) characters += piece.length
  for (const other of others) characters += other.text.length
  return characters
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

function groupByRow(others: Rows['others']): Map<number, string> {
  const texts = new Map<number, string>()
  for (const { row, text } of others) texts.set(row, (texts.get(row) ?? '') + text)
  return texts
}
