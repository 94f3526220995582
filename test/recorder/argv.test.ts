import { Command } from 'commander'
import { expect, test } from 'vitest'
import { argvOf, recordWords } from '../../recorder/argv.ts'
import { addPlanOptions } from '../../recorder/plan-options.ts'

/** The words that the tape keeps of a command line, before secrets are taken out. */
function kept(...words: string[]): string[] {
  const command = addPlanOptions(new Command('profile')).option('--no-html', 'no page')
  command.exitOverride().parse(recordWords(words, command), { from: 'user' })
  return argvOf(command)
}

test('the words are of the values, in the order of the help, whatever was typed', () => {
  const long = ['--concurrency', '4', '--isl', '5', '--model', 'm', '--url', 'a', '--url', 'b', '--streaming'] // biome-ignore format: a line
  const expected = kept(...long, '--header', 'X: a b', '--no-html')
  expect(expected).toEqual([
    ...['profile', '--concurrency', '4', '--isl', '5', '--model', 'm', '--url', 'a', '--url', 'b'],
    ...['--streaming', '--header', 'X: a b', '--no-html'],
  ])
  expect(kept('--no-html', '-HX: a b', '-ua', '-u', 'b', '-mm', '--streaming', '--isl=5', '--concurrency=4')).toEqual(expected) // biome-ignore format: a line
  expect(kept('-H', 'X: a b', '--url=a', '--url=b', '--model-names', 'm', '--streaming', '--prompt-input-tokens-mean', '5', '--concurrency', '4', '--no-html')).toEqual(expected) // biome-ignore format: a line
})

test('pages that were named in one go are a flag each, and what was not given is left out', () => {
  expect(kept('-m', 'm', '--server-metrics', 'a', 'b', '--repeat', '1')).toEqual([
    ...['profile', '--model', 'm', '--server-metrics', 'a', '--server-metrics', 'b'],
    ...['--repeat', '1'],
  ])
})
