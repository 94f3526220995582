import type { LineReader } from '../row-reader.ts'

/** Each line is a prompt. */
export const plainText: LineReader = {
  read: text => ({ sessionId: null, system: null, turns: [{ texts: [text.trim()] }] }),
}
