/** Keys of deltas whose text is content, in the wire formats that we know; a role alone has none. */
const CONTENT =
  /"(?:content|text|reasoning|reasoning_content|thinking|delta|arguments|partial_json)":\s*"[^"]/

/** As much of the end of what has come as a key and the beginning of its text may take. */
const TAIL_CHARS = 64

/**
 * Whether an answer's content has begun, asked with its bytes in order until it has. A key that is cut between
 * two pieces is found.
 */
export function firstContent(): (piece: Uint8Array) => boolean {
  let tail = ''
  return piece => {
    const text = tail + Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1')
    tail = text.slice(-TAIL_CHARS)
    return CONTENT.test(text)
  }
}
