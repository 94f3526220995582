import { closeSync, openSync, writeSync } from 'node:fs'

/** Characters that are collected before they are written. */
const PIECE = 1 << 18

/** Writes a file piece by piece, so that it may be larger than memory. */
export type TextFile = { add(text: string): void }

/** Opens a new file, lets it be written, and closes it whatever happens. */
export async function writeText<T>(
  path: string,
  write: (file: TextFile) => Promise<T>,
): Promise<T> {
  const handle = openSync(path, 'wx')
  let pieces: string[] = []
  let size = 0
  const flush = (): void => {
    const bytes = Buffer.from(pieces.join(''))
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
    pieces = []
    size = 0
  }
  try {
    const result = await write({
      add(text) {
        pieces.push(text)
        size += text.length
        if (size >= PIECE) flush()
      },
    })
    flush()
    return result
  } finally {
    closeSync(handle)
  }
}
