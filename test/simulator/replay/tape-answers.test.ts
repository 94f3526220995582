import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tapeAnswers } from '../../../simulator/replay/tape-answers.ts'
import { scratch, tokentape } from '../../support/cli.ts'
import { simulator } from '../../support/simulator.ts'

const path = scratch()

test('the golden tape: answers in the order in which they were asked', async () => {
  const answers = await tapeAnswers('test/golden/tapes/v1.tape')
  expect(answers.length).toBeGreaterThan(5)
  const sent = answers.map(({ sentNs }) => sentNs)
  expect(sent).toEqual([...sent].sort((a, b) => a - b))
  for (const { head, reads, bodyDigest } of answers) {
    expect(bodyDigest).toMatch(/^[0-9a-f]{32}$/)
    const times = [...(head ? [head.atNs] : []), ...reads.map(({ atNs }) => atNs)]
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(times.every(ns => ns >= 0)).toBe(true)
  }
})

test.each([
  ['status-500', 'http_error'],
  ['cut', 'broken_stream'],
  ['close-before-response', 'broken_stream'],
])('a server that failed (%s) fails again', async fault => {
  const server = await simulator('--ttft-ms', '5', '--itl-ms', '2', '--fault', fault)
  const record = (url: string, tape: string) =>
    // biome-ignore format: one flag and its value beside each other
    tokentape(
      'record', '--model', 'm', '--url', url, '--streaming', '--concurrency', '1',
      '--request-count', '3', '--isl', '8', '--osl', '8', '--output', path(tape),
    )
  await record(server.url, `${fault}-1.tape`)
  await server.stop()
  const again = await simulator('--replay', path(`${fault}-1.tape`))
  await record(again.url, `${fault}-2.tape`)
  await again.stop()
  const seen = async (tape: string) =>
    (await tapeAnswers(path(tape))).map(({ head, reads, end }) => [
      head?.status,
      Buffer.concat(reads.map(({ bytes }) => bytes)).toString(),
      end?.failure,
    ])
  expect(await seen(`${fault}-2.tape`)).toEqual(await seen(`${fault}-1.tape`))
})

test('what is no tape is said', async () => {
  expect(await tokentape('simulate', '--replay', path('none'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('no such tape'),
  })
})

test('a damaged file is named, where no digest tells before', async () => {
  const tape = path('damaged.tape')
  cpSync('test/golden/tapes/v1.tape', tape, { recursive: true })
  const file = join(tape, 'events-0.parquet')
  const bytes = readFileSync(file)
  for (const at of [200, 260, 320]) bytes[at]! ^= 0x14
  writeFileSync(file, bytes)
  const { code, err } = await tokentape('simulate', '--replay', tape)
  expect(code).toBe(2)
  expect(err).toContain(`${file}: cannot be read: `)
  expect(err).toContain('hint: ')
})
