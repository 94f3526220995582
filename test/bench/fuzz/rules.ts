/**
 * The rules in which our reader is stricter than both `node:http` and undici, by what it says when it refuses.
 *
 * The first two kinds end an answer where readers could disagree on its end; the caps end what would go on for ever.
 */
export const STRICTER: readonly (readonly [says: RegExp, rule: string])[] = [
  [
    /^not an HTTP\/1\.1 status line/,
    'a status line is of HTTP/1.0 or 1.1 and has no control characters',
  ],
  [/^transfer-encoding "/, 'a transfer-encoding is `chunked`, once, and nothing else'],
  [/^not a chunk size/, 'a chunk size has at most 13 digits, and extensions are `;name=value`'],
  [/^a trailer (content-length|transfer-encoding)/, 'a trailer does not say how a body is read'],
  [/^a body with status (204|304)/, 'a 204 or 304 has no length and no coding'],
  [/^more than 16 answers of status 1xx/, 'at most 16 answers of status 1xx'],
  [/^a head of more than 256 lines/, 'at most 256 header lines'],
  [/^a line of more than 65536 bytes/, 'a head of at most 64 KiB'],
  [/^a line of more than 4096 bytes/, 'a chunk size or a trailer of at most 4 KiB'],
  [/^more than 65536 bytes of trailers/, 'at most 64 KiB of trailers'],
]

/** The rule that explains a refusal of ours; undefined where none does. */
export const ruleFor = (reason: string): string | undefined =>
  STRICTER.find(([says]) => says.test(reason.replace(/^TOKENTAPE_MALFORMED: /, '')))?.[1]

/**
 * Where ours may take what both others refuse: an answer with bytes behind it costs the connection and not the answer,
 * as in undici, and a 100 that nobody asked for is passed over, as in `node:http`. Each other refuses one of them.
 */
export const isAllowed = (node: string, undici: string): boolean =>
  /^HPE_(INVALID_CONSTANT|CLOSED_CONNECTION)/.test(node) &&
  undici === 'UND_ERR_SOCKET: bad response'
