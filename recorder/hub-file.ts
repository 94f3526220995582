import { reasonOf, UserError } from '../schemas/errors.ts'
import { BUILTIN } from '../schemas/tokenizer.ts'

/** Where a repository's files are fetched from. */
export type Hub = {
  /** The repository: `org/name`. */
  id: string
  /** Without a slash at its end. */
  base: string
  /** Empty for none. Sent to the base's own host alone, and never printed. */
  token: string
  onProgress(line: string): void
}

/** What to do when the hub does not help. */
export const ELSEWHERE = `name a tokenizer.json on this machine, or use --tokenizer ${BUILTIN}`

const MOST_REDIRECTS = 5

/**
 * Fetches one JSON file of a repository at a revision, whole, with the commit that the hub says it is of.
 *
 * @returns undefined where the repository has no such file (HTTP 404)
 * @throws UserError when the hub cannot be reached, refuses, or sends half a file
 */
export async function download(
  hub: Hub,
  revision: string,
  file: string,
): Promise<{ bytes: Buffer; commit?: string } | undefined> {
  const url = new URL(`${hub.base}/${hub.id}/resolve/${encodeURIComponent(revision)}/${file}`)
  let bytes: Buffer
  let commit: string | undefined
  try {
    const { response, commit: found } = await get(hub, url)
    commit = found
    if (response.status === 404) {
      await response.body?.cancel()
      return undefined
    }
    if (!response.ok) {
      await response.body?.cancel()
      throw refused(hub, response.status)
    }
    bytes = await bodyOf(hub, response)
  } catch (error) {
    throw error instanceof UserError ? error : unreachable(hub, error)
  }
  try {
    JSON.parse(bytes.toString())
  } catch (error) {
    throw unreachable(hub, new Error(`${file} is no whole JSON: ${reasonOf(error)}`))
  }
  return commit ? { bytes, commit } : { bytes }
}

/**
 * Follows redirects by hand: the hub names the commit on its own answer, not on that of the store it
 * points to, and the token must not go to another host.
 */
async function get(hub: Hub, start: URL): Promise<{ response: Response; commit?: string }> {
  let url = start
  let commit: string | undefined
  for (let i = 0; i <= MOST_REDIRECTS; i++) {
    const headers: Record<string, string> =
      hub.token && url.origin === start.origin ? { authorization: `Bearer ${hub.token}` } : {}
    const response = await fetch(url, { headers, redirect: 'manual' })
    const named = response.headers.get('x-repo-commit')
    // It becomes a folder's name.
    if (!commit && named && /^[0-9a-f]{40,64}$/.test(named)) commit = named
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || !location)
      return commit ? { response, commit } : { response }
    await response.body?.cancel()
    url = new URL(location, url)
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`)
}

async function bodyOf(hub: Hub, response: Response): Promise<Buffer> {
  // Of a compressed body only the compressed length is known, which is not what is counted here.
  const length = response.headers.has('content-encoding')
    ? 0
    : Number(response.headers.get('content-length') ?? 0)
  const of = length > 0 ? ` of ${(length / 1e6).toFixed(1)}` : ''
  const pieces: Uint8Array[] = []
  let nBytes = 0
  let shownMs = performance.now()
  for await (const piece of response.body ?? []) {
    pieces.push(piece)
    nBytes += piece.length
    if (performance.now() - shownMs < 500) continue
    shownMs = performance.now()
    hub.onProgress(`fetching the tokenizer ${hub.id}: ${(nBytes / 1e6).toFixed(1)}${of} MB`)
  }
  return Buffer.concat(pieces)
}

function refused(hub: Hub, status: number): UserError {
  if (status !== 401 && status !== 403)
    return new UserError(
      `--tokenizer: ${hub.base} answered HTTP ${status} for "${hub.id}"`,
      `try again later, ${ELSEWHERE}`,
    )
  return new UserError(
    `--tokenizer: ${hub.base} refuses "${hub.id}" (HTTP ${status})`,
    hub.token
      ? 'the key in HF_TOKEN has no right to it: accept its licence on the hub, or use another key'
      : 'it may be gated, private or misspelt: set HF_TOKEN to a key that may read it',
  )
}

function unreachable(hub: Hub, error: unknown): UserError {
  const cause = (error as { cause?: unknown } | null)?.cause ?? error
  // Node gathers the failures of several addresses in one error without a text of its own.
  const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause
  return new UserError(
    `--tokenizer: cannot fetch "${hub.id}" from ${hub.base}: ${reasonOf(first)}`,
    ELSEWHERE,
  )
}
