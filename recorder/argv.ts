import type { Command } from 'commander'
import { inOurNames } from './aiperf-flags.ts'
import { flagsOfConfig } from './config-file.ts'
import { WORKLOAD_ALIASES } from './workloads/workload-options.ts'

/**
 * The words of `record` or `profile` as commander is to see them: AIPerf's names in ours, and the settings of a
 * `--config` file in front of the flags, so that the flags win.
 *
 * @param words  the words after the verb
 */
export function recordWords(words: readonly string[], command: Command): string[] {
  const own = command.options.flatMap(({ long, short }) => [long, short]).filter(n => n != null)
  const ours = inOurNames(words, WORKLOAD_ALIASES, own)
  const at = ours.findIndex(word => word === '--config' || word === '-f')
  const inline = ours.find(word => word.startsWith('--config='))
  const file = inline?.slice('--config='.length) ?? (at === -1 ? undefined : ours[at + 1])
  return file === undefined ? ours : [...flagsOfConfig(file, command), ...ours]
}

/**
 * The words of a command as its parsed values stand for them, in the order of its help: however a flag was spelt,
 * it is one word, and its value the next.
 */
export function argvOf(command: Command): string[] {
  const values = command.opts()
  const given = command.options.filter(
    option =>
      command.getOptionValueSource(option.attributeName()) === 'cli' &&
      option.negate === (values[option.attributeName()] === false),
  )
  return [
    command.name(),
    ...given.flatMap(option => {
      const name = option.long ?? option.short!
      const value: unknown = values[option.attributeName()]
      return typeof value === 'boolean'
        ? [name]
        : [value].flat().flatMap(each => [name, String(each)])
    }),
  ]
}
