import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { tokentapeVersion } from '../../../schemas/version.ts'
import { analyze } from '../../support/analyze.ts'

const folder = mkdtempSync(join(tmpdir(), 'exports-'))
afterAll(() => rmSync(folder, { recursive: true }))
const tape = join(folder, 'v1.tape')
cpSync(new URL('../../golden/tapes/v1.tape', import.meta.url).pathname, tape, { recursive: true })

const contentOf = (path: string): Record<string, string> =>
  statSync(path).isDirectory()
    ? Object.fromEntries(
        readdirSync(path).map(name => [`-${name}`, readFileSync(join(path, name), 'utf8')]),
      )
    : { '': readFileSync(path, 'utf8') }

test.each([
  ['aiperf', ['--slice-duration', '0.3']],
  ['vllm', []],
  ['perfetto', []],
  ['csv', []],
  ['hgrm', ['--metric', 'time_to_first_token,inter_chunk_latency']],
])('%s of the golden tape is as it ever was', async (format, more) => {
  const output = join(folder, format)
  const { code, out, err } = await analyze(
    'export',
    tape,
    '--format',
    format,
    '-o',
    output,
    ...more,
  )
  expect(code).toBe(0)
  expect(out).toBe('')
  expect(err).toContain(`${output}: written\n`)
  for (const [name, text] of Object.entries(contentOf(output)))
    await expect(text.replace(tokentapeVersion(), 'VERSION')).toMatchFileSnapshot(
      `../../golden/exports/${format}${name}`,
    )
})
