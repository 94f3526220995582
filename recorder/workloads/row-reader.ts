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
  made?: { tokens: number; hashIds: number[] | null }
  /** The recorded answer; its tokens are the output limit. */
  answer?: string
}

/** Reads the rows of one type of file. */
export type RowReader = {
  /** @throws RowFault saying what was expected and what was found */
  read(text: string, options: ReadOptions): Row
}

export type ReadOptions = {
  /** Tokens of a block of `hash_ids`. */
  blockTokens: number
  shareGptTurns: 'first' | 'all'
}
