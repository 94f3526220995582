import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What Hugging Face calls the newest version of a repository. */
export const MAIN = 'main'

/** Where the Hugging Face libraries keep what they have fetched, by their own environment variables. */
export function hfCache(env: NodeJS.ProcessEnv): string {
  const home =
    env['HF_HOME'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'huggingface')
  return env['HF_HUB_CACHE'] || join(home, 'hub')
}

/** Whether a name can be a Hugging Face id: `org/name`, or a bare `name` as of old. */
export const isHfId = (name: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)?$/.test(name) && !name.includes('..') && !name.startsWith('.')

/** Whether a revision (a branch, a tag, a commit, `refs/pr/1`) is safe as part of a path. */
export const isRevision = (revision: string): boolean =>
  /^[\w.-]+(\/[\w.-]+)*$/.test(revision) && !revision.includes('..')

/** A repository's folder in the cache: `models--org--name`. */
export const hfRepoFolder = (id: string, env: NodeJS.ProcessEnv): string =>
  join(hfCache(env), `models--${id.replaceAll('/', '--')}`)

/** The tokenizer.json of an id and a revision in the local cache, or undefined. */
export function cachedTokenizer(
  id: string,
  revision: string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  if (!isHfId(id) || !isRevision(revision)) return undefined
  const folder = hfRepoFolder(id, env)
  const ref = join(folder, 'refs', revision)
  const commit = existsSync(ref) ? readFileSync(ref, 'utf8').trim() : revision
  const file = join(folder, 'snapshots', commit, 'tokenizer.json')
  return existsSync(file) ? file : undefined
}
