import type { Rows } from './answer.ts'
import type { Facts, Usage } from './content.ts'
import type { MessageBatch } from './message-batch.ts'
import { FRAMINGS } from './messages-table.ts'
import { MOST_CHARACTERS, type TokenCounter, tokensByPiece } from './tokens.ts'

const USAGE_32: (keyof Usage)[] = [
  'prompt_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'cached_tokens',
]
const USAGE_64: (keyof Usage)[] = [
  'cache_write_tokens',
  'prompt_audio_tokens',
  'prompt_audio_ms',
  'tool_use_prompt_tokens',
  'completion_audio_tokens',
  'accepted_prediction_tokens',
  'rejected_prediction_tokens',
  'server_tool_requests',
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
  const counted =
    tokenizer && charactersOf(rows) <= MOST_CHARACTERS ? tokensByRow(rows, tokenizer) : undefined
  const others = groupByRow(rows)
  const spoken = choicesByChannel(rows)
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
      const choice = spoken[channel[row]!]!
      batch.uint32(columns.choice, choice.index)
      batch.uint32(columns.content_index, choice.contents)
      if (choice.contents > 0) batch.int64(columns.gap_ns, atNs[row]! - choice.lastNs)
      batch.text(columns.text, text[row]!)
      const more = others.size > 0 ? others.get(row) : undefined
      const otherText = more?.map(i => rows.others[i]!.text).join('')
      if (otherText) batch.text(columns.other_text, otherText)
      batch.uint32(columns.text_bytes, Buffer.byteLength(text[row]! + (otherText ?? '')))
      if (counted) batch.uint32(columns.tokens, counted.ofRow[row]!)
      const thought = counted?.ofReasoning.get(row)
      if (thought !== undefined) batch.uint32(columns.client_reasoning_tokens, thought)
      choice.contents++
      choice.lastNs = atNs[row]!
      const beside = more ? otherChoices(more, choice, { rows, spoken, counted }) : []
      if (beside.length > 0) batch.text(columns.other_choices, JSON.stringify(beside))
    }
    const facts = rows.facts.size > 0 ? rows.facts.get(row) : undefined
    if (facts) writeFacts(facts, channel[row]! >= 0, batch)
    batch.next()
  }
}

function writeFacts(
  { choice, finishReason, usage, error, undecoded }: Facts,
  isContent: boolean,
  batch: MessageBatch,
): void {
  const { columns } = batch
  if (choice !== undefined && !isContent) batch.uint32(columns.choice, choice)
  if (finishReason) batch.text(columns.finish_reason, finishReason)
  if (error) batch.text(columns.error, error)
  if (undecoded) batch.text(columns.undecoded, undecoded)
  if (!usage) return
  for (const name of USAGE_32)
    if (usage[name] !== undefined) batch.uint32(columns[name], usage[name])
  for (const name of USAGE_64)
    if (usage[name] !== undefined) batch.int64(columns[name], usage[name])
}

function charactersOf({ text, others }: Rows): number {
  let characters = 0
  for (const piece of text) characters += piece.length
  for (const other of others) characters += other.text.length
  return characters
}

/** A choice of an answer as far as its messages have been written. */
type Spoken = { index: number; contents: number; lastNs: number }

/** The choice of each channel. */
function choicesByChannel({ channels }: Rows): Spoken[] {
  const choices = new Map<number, Spoken>()
  return channels.map(({ choice: index }) => {
    const choice = choices.get(index) ?? { index, contents: 0, lastNs: 0 }
    choices.set(index, choice)
    return choice
  })
}

/** What a message adds to choices beside its own. Each has its own gap, and its own tokens. */
export type OtherChoice = {
  choice: number
  content_index: number
  gap_ns: number | null
  tokens: number | null
}

function otherChoices(
  parts: number[],
  main: Spoken,
  about: { rows: Rows; spoken: Spoken[]; counted: Counted | undefined },
): OtherChoice[] {
  const { rows, spoken, counted } = about
  const found = new Map<Spoken, OtherChoice>()
  for (const i of parts) {
    const { row, channel } = rows.others[i]!
    const choice = spoken[channel]!
    if (choice === main) continue
    const tokens = counted ? counted.ofOther[i]! : null
    const earlier = found.get(choice)
    if (earlier) {
      if (tokens !== null) earlier.tokens! += tokens
      continue
    }
    const atNs = rows.atNs[row]!
    const gap_ns = choice.contents > 0 ? atNs - choice.lastNs : null
    found.set(choice, { choice: choice.index, content_index: choice.contents, gap_ns, tokens })
    choice.contents++
    choice.lastNs = atNs
  }
  return [...found.values()]
}

/** Tokens of each message in all, those of them that each of `others` has, and, of messages with reasoning, those of it. */
type Counted = { ofRow: Uint32Array; ofOther: Uint32Array; ofReasoning: Map<number, number> }

/** Tokens of each message, counted over the whole text of each channel. */
function tokensByRow(rows: Rows, tokenizer: TokenCounter): Counted {
  const ofRow = new Uint32Array(rows.kind.length)
  const ofOther = new Uint32Array(rows.others.length)
  const ofReasoning = new Map<number, number>()
  for (const [channel, { name }] of rows.channels.entries()) {
    const pieces: { row: number; text: string; other?: number }[] = []
    for (let row = 0; row < rows.channel.length; row++)
      if (rows.channel[row] === channel) pieces.push({ row, text: rows.text[row]! })
    for (const [other, { row, channel: own, text }] of rows.others.entries())
      if (own === channel) pieces.push({ row, text, other })
    if (rows.others.length > 0) pieces.sort((a, b) => a.row - b.row)
    const counts = tokensByPiece(
      tokenizer,
      pieces.map(({ text }) => text),
    )
    for (const [i, { row, other }] of pieces.entries()) {
      ofRow[row]! += counts[i]!
      if (other !== undefined) ofOther[other] = counts[i]!
      if (name === 'reasoning') ofReasoning.set(row, (ofReasoning.get(row) ?? 0) + counts[i]!)
    }
  }
  return { ofRow, ofOther, ofReasoning }
}

/** Which of `others` each row has. */
function groupByRow({ others }: Rows): Map<number, number[]> {
  const places = new Map<number, number[]>()
  for (const [i, { row }] of others.entries()) {
    const found = places.get(row)
    if (found) found.push(i)
    else places.set(row, [i])
  }
  return places
}
