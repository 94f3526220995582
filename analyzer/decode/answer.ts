import { bodyError, EXCERPT, type Facts, factsOf, type Part } from './content.ts'
import { lastWords } from './last-words.ts'
import { type Framing, MESSAGE_KINDS } from './messages-table.ts'
import { type SseParser, sseParser } from './sse.ts'
import { type Template, templateOf, textBetween } from './template.ts'
import { type Unpack, unpacker } from './unpack.ts'

/** The messages of one answer so far, column by column. `facts` holds what only few messages have. */
export type Rows = {
  framing: Framing
  atNs: number[]
  readSeq: number[]
  kind: number[]
  /** Which of `channels` the message's text belongs to; -1 where it has none. */
  channel: number[]
  text: string[]
  facts: Map<number, Facts>
  channels: { name: Part['channel']; choice: number }[]
  /** Further parts of a message that has more than one. */
  others: { row: number; channel: number; text: string }[]
}

/** The headers that the tape keeps. */
export type Headers = Record<string, string | string[]>

export type Answer = {
  headers(status: number, kept: Headers): void
  read(atNs: number, bytes: Buffer, start: number, end: number): void
  /** No more comes of the answer; `whole` where it is complete. */
  end(whole: boolean): void
  rows: Rows
}

const PING = MESSAGE_KINDS.indexOf('ping')
const ERROR = MESSAGE_KINDS.indexOf('error')
/** Bytes of a body without events that are kept; a whole answer is far smaller. */
const BODY_LIMIT = 64 * 2 ** 20
/** Templates to try on a stream before concluding that its messages differ too much. */
const TEMPLATE_TRIES = 8

/** Decodes the reads of one answer into messages. Holds its state and nothing else. */
export function answer(): Answer {
  const rows: Rows = {
    framing: 'sse',
    atNs: [],
    readSeq: [],
    kind: [],
    channel: [],
    text: [],
    facts: new Map(),
    channels: [],
    others: [],
  }
  let status = 0
  let contentType = ''
  let unpack: Unpack | undefined
  let broken = false
  let reads = 0
  let atNs = 0
  let framing: Framing | undefined
  let sse: SseParser | undefined
  let body: Buffer[] = []
  let bodyBytes = 0
  let template: Template | undefined
  let templateChannel = 0
  let tries = TEMPLATE_TRIES
  /** A first half of a surrogate pair, by channel: its other half comes with the next message. */
  const halves: string[] = []
  const words = lastWords()

  const channelOf = ({ channel, choice }: Part): number => {
    const { channels } = rows
    for (let i = 0; i < channels.length; i++)
      if (channels[i]!.name === channel && channels[i]!.choice === choice) return i
    return channels.push({ name: channel, choice }) - 1
  }

  const whole = (channel: number, text: string): string => {
    const full = halves[channel] ? halves[channel] + text : text
    const last = full.charCodeAt(full.length - 1)
    const cut = last >= 0xd800 && last < 0xdc00
    halves[channel] = cut ? full.slice(-1) : ''
    return cut ? full.slice(0, -1) : full
  }

  const put = (kind: number, channel: number, text: string): void => {
    rows.atNs.push(atNs)
    rows.readSeq.push(reads - 1)
    rows.kind.push(kind)
    rows.channel.push(channel)
    rows.text.push(text)
  }

  const add = (facts: Facts): void => {
    const parts = facts.parts
    const row = rows.kind.length
    const main = parts.find(part => part.channel === facts.kind)
    const channel = main ? channelOf(main) : -1
    put(MESSAGE_KINDS.indexOf(facts.kind), channel, main ? whole(channel, main.text) : '')
    for (const part of parts) {
      if (part === main) continue
      const other = channelOf(part)
      rows.others.push({ row, channel: other, text: whole(other, part.text) })
    }
    if (facts.finishReason || facts.usage || facts.error || facts.undecoded)
      rows.facts.set(row, facts)
  }

  const message = (bytes: Buffer, start: number, end: number, event: string): void => {
    const data = bytes.toString('utf8', start, end)
    const facts = factsOf(data, event)
    add(facts)
    words.message(facts, rows.kind.length - 1)
    if (tries === 0 || facts.parts.length !== 1 || rows.facts.has(rows.kind.length - 1)) return
    const found = templateOf(data, facts.parts[0]!)
    if (!found) return
    tries--
    template = found
    templateChannel = channelOf(facts.parts[0]!)
  }

  const feed = (bytes: Buffer, start: number, end: number): void => {
    framing ??= framingOf(contentType, bytes, start, end)
    if (framing !== 'sse') {
      if (bodyBytes < BODY_LIMIT) body.push(Buffer.from(bytes.subarray(start, end)))
      bodyBytes += end - start
      return
    }
    sse ??= sseParser({
      message,
      comment: () => put(PING, -1, ''),
      stray: (line, from, to) => words.stray(line.toString('utf8', from, to)),
    })
    if (template && sse.idle()) {
      const text = textBetween(template, bytes, start, end)
      if (text !== '') {
        tries = TEMPLATE_TRIES
        words.content()
        put(MESSAGE_KINDS.indexOf(template.channel), templateChannel, whole(templateChannel, text))
        return
      }
    }
    sse.feed(bytes, start, end)
  }

  const fail = (reason: string): void => {
    broken = true
    add({ kind: 'error', parts: [], error: `cannot decode the body: ${reason}` })
  }

  const endStream = (): void => {
    const last = words.said()
    if (!last) return
    const error: Facts = { kind: 'error', parts: [], error: last.error }
    const [first, ...more] = last.rows
    if (first === undefined) {
      add(error)
      return
    }
    rows.kind[first] = ERROR
    rows.facts.set(first, error)
    for (const row of more) rows.facts.delete(row)
  }

  const endBody = (): void => {
    const bytes = Buffer.concat(body)
    body = []
    const text = bytes.toString('utf8')
    const facts = factsOf(text, '')
    rows.framing = isJson(text) ? 'json' : 'body'
    const failed = status >= 400 ? bodyError(text) : undefined
    // The status is known: a body need not say it again.
    if (failed) add({ kind: 'error', parts: [], error: failed.replace(`${status} `, '') })
    else if (facts.kind === 'other' || facts.kind === 'done')
      add({ kind: 'other', parts: [], error: excerpt(contentType, text) })
    else add(facts)
  }

  return {
    rows,
    headers(code, kept) {
      status = code
      contentType = String(kept['content-type'] ?? '').toLowerCase()
      try {
        unpack = unpacker(kept['content-encoding'] && String(kept['content-encoding']))
      } catch (error) {
        unpack = () => {
          throw error
        }
      }
    },
    read(at, bytes, start, end) {
      reads++
      atNs = at
      if (!unpack) {
        feed(bytes, start, end)
        return
      }
      if (broken) return
      try {
        const plain = unpack(bytes.subarray(start, end))
        if (plain.length > 0) feed(plain, 0, plain.length)
      } catch (error) {
        fail(
          LEFT_OUT.test(bytes.toString('latin1', start, end))
            ? 'it was compressed, so that --keep timing could not tell its text from the rest'
            : (error as Error).message,
        )
      }
    },
    end(whole) {
      if (framing === 'sse') {
        if (whole) sse!.finish()
        endStream()
      } else if (framing && whole) endBody()
      for (const [channel, half] of halves.entries()) {
        // A half whose other half never came cannot be written as UTF-8.
        const row = half ? rows.channel.lastIndexOf(channel) : -1
        if (row >= 0) rows.text[row] += '\ufffd'
      }
    },
  }
}

/** What `--keep timing` makes of a body that it cannot read. */
const LEFT_OUT = /^x+$/

const SSE_LINE = /^\ufeff?\s*(data|event|id|retry)?:/

/** How the body is framed, by its first bytes where they speak clearly, else by its content-type. */
function framingOf(contentType: string, bytes: Buffer, start: number, end: number): Framing {
  const head = bytes.toString('utf8', start, Math.min(end, start + 64))
  if (/^\ufeff?\s*[{<[]/.test(head)) return 'body'
  if (contentType.includes('event-stream')) return 'sse'
  if (contentType.includes('json') || contentType.includes('html')) return 'body'
  return SSE_LINE.test(head) ? 'sse' : 'body'
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object'
  } catch {
    return false
  }
}

const excerpt = (contentType: string, text: string): string =>
  `${contentType || 'no content-type'}: ${text.slice(0, EXCERPT)}`
