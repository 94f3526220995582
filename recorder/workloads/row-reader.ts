import type { Turn } from './workload.ts'

/** What one row says: a session, or a part of one. */
export type Row = {
  /** Rows that share it are one session, their turns in order; null is a session of its own. */
  sessionId: string | null
  system: string | null
  /** At least one. */
  turns: RowTurn[]
}

/** A turn as its row has it: what costs time, texts made up and tokens counted, comes later. */
export type RowTurn = Omit<Partial<Turn>, 'inputTokens' | 'hashIds' | 'datasetRow'> & {
  /** A prompt of so many tokens is to be made up, of these blocks where there are any. */
  made?: {
    tokens: number
    hashIds: number[] | null
    /** It holds the history of its session already, so that no answer is put in front of it. */
    isWhole?: boolean
  }
  /** The recorded answer; its tokens are the output limit. */
  answer?: string
}

/** @throws RowFault saying what was expected and what was found */
export type ReadRow = (text: string, options: ReadOptions) => Row

type Facts = {
  /** The unit of its times, for messages; absent where it has none. */
  unit?: string
  /** Tokens of a block of its `hash_ids`; 512 where it does not say. */
  blockTokens?: number
}

/** Reads the rows of one type of file, each by itself. */
export type LineReader = Facts & { read: ReadRow }

/** Reads a file whose first line names its columns. */
export type ColumnReader = Facts & {
  /** What reads the rows below the names, in their order; again in any order. */
  below(names: string): ReadRow
}

/** Reads the rows of a file in their order, each with regard to those before it; again in any order. */
export type StatefulReader = Facts & { begin(): ReadRow }

export type RowReader = LineReader | ColumnReader | StatefulReader

export type ReadOptions = {
  /** Tokens of a block of `hash_ids`. */
  blockTokens: number
  shareGptTurns: 'first' | 'all'
}
