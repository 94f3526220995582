/** What the truth server needs of a request. */
export type Head = { method: string; path: string; requestId: number }

const HEAD_END = Buffer.from('\r\n\r\n')
const EMPTY = Buffer.alloc(0)

/**
 * Finds the requests in a connection's bytes: head, and a body of `content-length` that is skipped.
 *
 * It is no HTTP server: it reads what our own clients send and nothing more.
 */
export function requestReader(found: (head: Head) => void): (bytes: Buffer) => void {
  let rest = EMPTY
  let bodyLeft = 0
  let head: Head = { method: '', path: '', requestId: -1 }
  return bytes => {
    let unread = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes
    rest = EMPTY
    while (unread.length > 0) {
      if (bodyLeft > 0) {
        const taken = Math.min(bodyLeft, unread.length)
        bodyLeft -= taken
        unread = unread.subarray(taken)
        if (bodyLeft > 0) return
        found(head)
        continue
      }
      const end = unread.indexOf(HEAD_END)
      if (end === -1) {
        rest = Buffer.from(unread)
        return
      }
      const text = unread.toString('latin1', 0, end)
      unread = unread.subarray(end + HEAD_END.length)
      head = headOf(text)
      bodyLeft = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0)
      if (bodyLeft === 0) found(head)
    }
  }
}

/** The number at the end of `x-request-id` is the client's own name of the request; -1 is none. */
function headOf(text: string): Head {
  const [method = '', path = ''] = text.slice(0, text.indexOf('\r\n')).split(' ')
  const number = /\r\nx-request-id: *\S*?(\d+) *(?:\r\n|$)/i.exec(text)?.[1]
  return { method, path, requestId: number === undefined ? -1 : Number(number) }
}
