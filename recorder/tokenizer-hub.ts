import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { reasonOf, UserError } from '../schemas/errors.ts'
import { hfRepoFolder, isHfId, isRevision, MAIN } from '../schemas/hf-cache.ts'
import { BUILTIN, findTokenizer, type Tokenizer, tokenizerPath } from '../schemas/tokenizer.ts'
import { download, ELSEWHERE, type Hub } from './hub-file.ts'

export type HubOptions = {
  /** Never asks the network; so does HF_HUB_OFFLINE=1. */
  offline?: boolean
  /** A line for the person who waits: one at the start, then at most two a second. */
  onProgress?(line: string): void
  /** A branch, a tag or a commit. */
  revision?: string
  /** Instead of HF_TOKEN. Sent to the hub's own host alone, and never printed. */
  token?: string
  /** Instead of HF_ENDPOINT. */
  endpoint?: string
  env?: NodeJS.ProcessEnv
}

/**
 * Finds a tokenizer on this machine, or fetches it from the Hugging Face hub into the local cache.
 *
 * The cache is asked first, so a tokenizer once fetched stays the same until the cache is emptied.
 *
 * @throws UserError when it is nowhere, may not be fetched or is damaged
 */
export async function resolveTokenizer(name: string, options: HubOptions = {}): Promise<Tokenizer> {
  const env = options.env ?? process.env
  const revision = options.revision ?? MAIN
  if (!tokenizerPath(name, env, revision)) await fetchTokenizer(name, options)
  return findTokenizer(name, env, revision)
}

/**
 * Fetches tokenizer.json, and tokenizer_config.json where there is one, into the Hugging Face cache:
 * `snapshots/<commit>/<file>` and `refs/<revision>`, where every other tool finds them too.
 *
 * Each file is written beside and renamed, tokenizer.json after its companion and the ref last, so that
 * a connection that breaks leaves nothing behind that looks whole.
 *
 * @throws UserError when the hub cannot be reached, has no such tokenizer, refuses it or sends half of it
 */
export async function fetchTokenizer(id: string, options: HubOptions = {}): Promise<void> {
  const env = options.env ?? process.env
  const revision = options.revision ?? MAIN
  if (!isHfId(id) || !isRevision(revision))
    throw new UserError(
      `--tokenizer: "${id}" is no file here and no Hugging Face id`,
      `name a directory or a tokenizer.json, or use --tokenizer ${BUILTIN}`,
    )
  if (options.offline || /^(1|true|yes|on)$/i.test(env['HF_HUB_OFFLINE'] ?? ''))
    throw new UserError(
      `--tokenizer: "${id}" is not in the Hugging Face cache, and ${options.offline ? '--offline' : 'HF_HUB_OFFLINE'} forbids to fetch it`,
      `fetch it once with the network, name a tokenizer.json, or use --tokenizer ${BUILTIN}`,
    )
  const hub: Hub = {
    id,
    base: baseOf(options.endpoint ?? (env['HF_ENDPOINT'] || 'https://huggingface.co')),
    token: tokenOf(options.token ?? env['HF_TOKEN'] ?? ''),
    onProgress: options.onProgress ?? (() => {}),
  }
  hub.onProgress(`fetching the tokenizer ${id} from ${hub.base}`)
  const main = await download(hub, revision, 'tokenizer.json')
  if (!main) throw notFound(hub, revision)
  const commit = main.commit ?? revision
  // By commit, so that the two files are of one version even when the branch moves in between.
  const config = await download(hub, commit, 'tokenizer_config.json')

  const folder = hfRepoFolder(id, env)
  const snapshot = join(folder, 'snapshots', commit)
  if (config) replace(join(snapshot, 'tokenizer_config.json'), config.bytes)
  replace(join(snapshot, 'tokenizer.json'), main.bytes)
  if (commit !== revision) replace(join(folder, 'refs', revision), commit)
}

/** Writes beside and renames: whoever reads meanwhile sees the old file or the new one. */
function replace(path: string, content: Buffer | string): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(temporary, content)
    renameSync(temporary, path)
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary)
    throw new UserError(
      `--tokenizer: cannot write to the Hugging Face cache: ${reasonOf(error)}`,
      'set HF_HUB_CACHE to a folder that may be written, or name a tokenizer.json',
    )
  }
}

/** The hub's address without the slash at its end, which may be behind a path of a mirror. */
function baseOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && !url.username)
    return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
  throw new UserError(
    'HF_ENDPOINT: it is no http or https address without a user name',
    'unset it, or write it as https://huggingface.co',
  )
}

/** A header cannot hold every character, and what fetch says about that would quote the token. */
function tokenOf(text: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]*$/.test(token)) return token
  throw new UserError(
    'HF_TOKEN: it has a space, a line break or another character that no token has',
    'copy it again from the hub, or unset it if the tokenizer is public',
  )
}

const notFound = (hub: Hub, revision: string): UserError =>
  new UserError(
    `--tokenizer: ${hub.base} has no tokenizer.json for "${hub.id}" at ${revision} (HTTP 404)`,
    `check the id, ${ELSEWHERE}`,
  )
