import type { RowReader } from '../row-reader.ts'

/** Each line is a prompt. */
export const plainText: RowReader = {
  read: text => ({ sessionId: null, system: null, turns: [{ texts: [text.trim()] }] }),
}
