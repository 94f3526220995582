import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

type Main = typeof import('../../tokentape.ts')['main']

/**
 * Runs the built tokentape in this process: what is tested is what ships.
 *
 * A recording asks nothing before its run, so that a server's log holds the run's requests alone.
 */
export const tokentape = (...argv: string[]) => tokentapeAsTyped(...withoutPreflight(argv))

/** A recording's flags without the request that precedes it. */
export const withoutPreflight = (argv: readonly string[]): string[] =>
  argv[0] === 'record' || argv[0] === 'profile' ? [...argv, '--no-preflight'] : [...argv]

/** The same with what a recording asks before its run. */
export async function tokentapeAsTyped(...argv: string[]) {
  const { main }: { main: Main } = await import(
    new URL('../../dist/tokentape.js', import.meta.url).href
  )
  let out = ''
  let err = ''
  const code = await main(argv, {
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
  })
  return { code, out, err }
}

/** A directory of this test file's own, removed when its tests are over. */
export function scratch(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'tokentape-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return name => join(folder, name)
}
