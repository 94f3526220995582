import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

type Main = typeof import('../../tokentape.ts')['main']

/** Runs the built tokentape in this process: what is tested is what ships. */
export async function tokentape(...argv: string[]) {
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
