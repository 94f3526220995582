import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { tokentape } from '../support/cli.ts'

const bin = new URL('../../dist/simulator/bin.js', import.meta.url).pathname

test('the first line says where it listens, and it ends with its parent', async () => {
  const child = spawn(process.execPath, [bin, '--port', '0', '--exit-with-parent'])
  const [line] = await once(child.stdout, 'data')
  const { port, url } = JSON.parse(String(line))
  expect(url).toBe(`http://127.0.0.1:${port}`)
  expect((await fetch(`${url}/health`)).status).toBe(200)
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a signal ends it', async () => {
  const child = spawn(process.execPath, [bin, '--port', '0'])
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test.each([
  [['--ttft-ms', 'soon'], 'error: --ttft-ms: "soon" is not a number of at least 0'],
  [['--port', '-1'], 'error: '],
  [['--fault', 'gremlin'], 'error: --fault: no "gremlin"\n  hint: choose from status-400'],
  [['--role-content', 'x'], 'hint: choose from empty, null, none'],
  [
    ['--role-chunk', '--role-content', 'none'],
    'error: --role-chunk: there is no role message with --role-content none',
  ],
  [['--nonsense'], "error: Unknown option '--nonsense'\n  hint: see tokentape simulate --help"],
])('%j is refused', async (flags, message) => {
  const { code, out, err } = await tokentape('simulate', ...flags)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(message)
})

test('a port that is taken is said', async () => {
  const child = spawn(process.execPath, [bin, '--port', '0', '--exit-with-parent'])
  const [line] = await once(child.stdout, 'data')
  const { port } = JSON.parse(String(line))
  const { code, err } = await tokentape('simulate', '--port', String(port))
  expect(code).toBe(2)
  expect(err).toContain('cannot listen on')
  child.stdin.end()
  await once(child, 'exit')
})

test('--help lists every flag', async () => {
  const { code, out } = await tokentape('simulate', '--help')
  expect(code).toBe(0)
  for (const flag of ['--ttft-ms', '--truth', '--lockstep-ms', '--precise', '--max-num-seqs'])
    expect(out).toContain(flag)
})
