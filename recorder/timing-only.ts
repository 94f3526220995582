/**
 * `--keep timing`: takes the text out of an answer and leaves its shape.
 *
 * Works byte by byte on what arrives, over any cut, and never changes a length: every byte of a JSON
 * string value becomes `x`, unless its key names a kind; every digit becomes `1`, unless its key
 * names a count. What is no JSON (a page, plain text, a compressed body) becomes `x` entirely. So
 * messages, kinds, lengths and usage read as before, and no text is left.
 */
export type Redactor = (bytes: Uint8Array) => void

/** Keys whose text says what a message is, not what it says. */
const KIND_KEYS = new Set(['object', 'role', 'finish_reason', 'stop_reason', 'type'])
/** Keys whose number is a count or a code. */
const COUNT_KEYS =
  /^(index|created|code|status|n|[a-z_]*_tokens|[a-z_]*tokens_[a-z]+|tokens|input_length|[a-z_]*_ms|[a-z_]*_n|prompt_audio_seconds|toolUsePromptTokenCount|(web_search|web_fetch|code_execution)_requests)$/
/** Bare words of JSON, and the end of an OpenAI stream. */
const WORDS = ['true', 'false', 'null', 'DONE']

const [QUOTE, BACKSLASH, COLON, COMMA, NEWLINE, RETURN, SPACE] = [
  0x22, 0x5c, 0x3a, 0x2c, 0x0a, 0x0d, 0x20,
] as const
const [OPEN_BRACE, OPEN_BRACKET, CLOSE_BRACE, CLOSE_BRACKET] = [0x7b, 0x5b, 0x7d, 0x5d] as const
const [X, ONE] = [0x78, 0x31] as const

type Place = 'line' | 'field' | 'payload' | 'json' | 'string' | 'opaque'

/**
 * @param stream  whether the body is an event stream; another body is one JSON value or opaque
 */
export function redactor(stream: boolean): Redactor {
  let place: Place = stream ? 'line' : 'payload'
  let field = ''
  let word = ''
  let escaped = false
  let isKey = false
  let text = ''
  let key = ''
  /** For each open bracket, whether it is an object: its strings before a colon are keys. */
  let objects: boolean[] = []
  let expectKey = false

  const startPayload = (): void => {
    place = 'payload'
    objects = []
    expectKey = false
    key = ''
    word = ''
  }

  const outside = (byte: number): number => {
    if (byte === QUOTE) {
      place = 'string'
      isKey = expectKey && objects.at(-1) === true
      text = ''
      escaped = false
      word = ''
      return byte
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      objects.push(byte === OPEN_BRACE)
      expectKey = byte === OPEN_BRACE
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      objects.pop()
      expectKey = false
    } else if (byte === COMMA) expectKey = objects.at(-1) === true
    else if (byte === COLON) expectKey = false
    else if (byte >= 0x30 && byte <= 0x39) return COUNT_KEYS.test(key) ? byte : ONE
    else if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) {
      word += String.fromCharCode(byte)
      if (word === 'e' || word === 'E' || WORDS.some(each => each.startsWith(word))) return byte
      return X
    } else if (byte !== SPACE && byte !== 0x2b && byte !== 0x2d && byte !== 0x2e && byte !== 0x09)
      return X
    word = ''
    return byte
  }

  const inString = (byte: number): number => {
    if (!escaped && byte === QUOTE) {
      place = 'json'
      if (isKey) key = text
      isKey = false
      return byte
    }
    escaped = !escaped && byte === BACKSLASH
    if (isKey || KIND_KEYS.has(key)) {
      if (text.length < 64) text += String.fromCharCode(byte)
      return byte
    }
    return X
  }

  const step = (byte: number): number => {
    if (stream && (byte === NEWLINE || byte === RETURN)) {
      place = 'line'
      field = ''
      return byte
    }
    switch (place) {
      case 'line':
      case 'field':
        if (byte === COLON) {
          if (field === 'data') startPayload()
          else place = field === 'event' ? 'field' : 'opaque'
          field = `${field}:`
          return byte
        }
        if (field === 'event:')
          return byte === SPACE || byte === 0x2e || byte === 0x5f || (byte | 0x20) >= 0x61
            ? byte
            : X
        if (place === 'line' && field.length < 8) field += String.fromCharCode(byte)
        return ['data', 'event', 'id', 'retry'].some(name => name.startsWith(field)) ? byte : X
      case 'payload':
        if (byte === SPACE) return byte
        if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          place = 'json'
          return outside(byte)
        }
        if (byte === 0x6e) {
          // `data: null` is a habit of one server.
          place = 'json'
          return outside(byte)
        }
        if (!stream && (byte === NEWLINE || byte === RETURN)) return byte
        place = 'opaque'
        return X
      case 'json':
        return outside(byte)
      case 'string':
        return inString(byte)
      case 'opaque':
        return X
    }
  }

  return bytes => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = step(bytes[i]!)
  }
}
