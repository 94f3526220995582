import { describe, expect, test } from 'vitest'
import { isMet, parseGate, subjectName } from '../../analyzer/gate.ts'
import { metricsOf, readModels } from '../../analyzer/models.ts'
import { UserError } from '../../schemas/errors.ts'
import { random as randomOf } from '../support/random.ts'

const metrics = metricsOf(readModels())
const gate = (text: string) => parseGate(text, '--that', metrics)

describe('names are resolved, and limits converted exactly', () => {
  test.each([
    ['ttft.p99 < 500ms', 'time_to_first_token.p99', '<', 500e6],
    ['ttft_ms.p99.9<=1.1ms', 'time_to_first_token.p99.9', '<=', 1_100_000],
    ['  itl.avg   >= 0.1 us ', 'inter_token_latency.avg', '>=', 100],
    ['latency.max < 2m', 'request_latency.max', '<', 120e9],
    ['request_latency.mean < 1.5e3ms', 'request_latency.avg', '<', 1.5e9],
    ['benchmark_duration < 90s', 'benchmark_duration', '<', 90e9],
    ['ttft.n >= 1000', 'time_to_first_token.n', '>=', 1000],
    ['failed_ratio < 1%', 'failed_ratio', '<', 0.01],
    ['failed_ratio == 0', 'failed_ratio', '==', 0],
    ['request_error_rate < 1 %', 'request_error_rate', '<', 1],
    ['output_token_throughput > 1000', 'output_token_throughput', '>', 1000],
    ['output_token_throughput > 1e3 tokens/sec', 'output_token_throughput', '>', 1000],
    ['goodput(gold) >= 95%', 'goodput(gold)', '>=', 0.95],
    [
      'goodput( ttft_ms <= 500 and (latency_ms <= 9) ) > .5',
      'goodput(ttft_ms <= 500 and (latency_ms <= 9))',
      '>',
      0.5,
    ],
  ])('%s', (text, name, operator, limit) => {
    const { subject, ...read } = gate(text)
    expect({ name: subjectName(subject), ...read }).toEqual({
      name,
      operator,
      limit,
      text: text.trim(),
    })
  })
})

describe('what is no gate is refused', () => {
  test.each([
    ['', 'is no gate', 2],
    ['ttft.p99', 'is no gate', 2],
    ['ttft.p99 < fast', 'is no gate', 2],
    ['ttft.p99 = 5ms', 'is no gate', 2],
    ['ttft.p99 < 500', '500 of what?', 2],
    ['ttft.p99 < 500 parsecs', '"parsecs" is no unit of time', 2],
    ['ttft.p101 < 5ms', 'no statistic "p101"', 2],
    ['ttft.median < 5ms', 'no statistic "median"', 2],
    ['ttft < 5ms', 'time_to_first_token has many values a run', 2],
    ['failed_ratio.p99 < 1', 'failed_ratio is one value a run', 2],
    ['failed_ratio < 5ms', 'a ratio has no unit "ms"', 2],
    ['output_token_throughput > 5 requests/sec', 'is in tokens/sec', 2],
    ['ttft.n > 5ms', 'a count has no unit', 2],
    ['goodput() > 0.5', 'goodput of what?', 2],
    ['goodput(gold) > 95', 'goodput is a share from 0 to 1', 2],
    ['tfft.p99 < 5ms', 'no metric "tfft"', 5],
  ])('%s', (text, message, exitCode) => {
    try {
      gate(text)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      expect((error as UserError).message).toContain(message)
      expect((error as UserError).exitCode).toBe(exitCode)
    }
  })
})

test('any text is a gate or a UserError', () => {
  const random = randomOf(8)
  const pieces = [
    'ttft',
    '.p99',
    '.avg',
    ' ',
    '<',
    '>=',
    '==',
    '5',
    '.',
    'e',
    'ms',
    '%',
    'goodput(',
    ')',
    '-',
    '\n',
    '\u0000',
    'x',
  ]
  for (let i = 0; i < 2000; i++) {
    const text = Array.from(
      { length: 1 + Math.floor(random() * 8) },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join('')
    try {
      expect(Number.isFinite(gate(text).limit)).toBe(true)
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
    }
  }
})

test('operators are what they say, on the limit and beside it', () => {
  const met = (operator: string) =>
    [4, 5, 6].map(value => isMet(value, gate(`ttft.n ${operator} 5`)))
  expect(met('<')).toEqual([true, false, false])
  expect(met('<=')).toEqual([true, true, false])
  expect(met('>')).toEqual([false, false, true])
  expect(met('>=')).toEqual([false, true, true])
  expect(met('==')).toEqual([false, true, false])
})
