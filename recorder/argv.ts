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
