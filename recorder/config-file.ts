import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { reasonOf, UserError } from '../schemas/errors.ts'

/**
 * A YAML file that says what flags say: `request-rate: 5`, `streaming: true`, lists for flags that may
 * be given several times, maps for `extra-inputs` and `header`. Flags on the command line win.
 *
 * @returns the file's settings as flags
 * @throws  UserError naming the file and the key
 */
export function flagsOfConfig(path: string, command: Command): string[] {
  let settings: unknown
  try {
    settings = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UserError(
      `--config: cannot read ${path}: ${reasonOf(error)}`,
      'see the README for an example',
    )
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new UserError(
      `${path}: expected settings such as "concurrency: 10"`,
      'one a line, named as the flags are',
    )
  return Object.entries(settings).flatMap(([key, value]) => flagsOf(path, key, value, command))
}

function flagsOf(path: string, key: string, value: unknown, command: Command): string[] {
  const name = `--${key.replaceAll('_', '-')}`
  const option = command.options.find(({ long }) => long === name)
  if (!option || name === '--config')
    throw new UserError(
      `${path}: no setting "${key}"`,
      `settings are named as the flags of tokentape ${command.name()} --help`,
    )
  if (typeof value === 'boolean') {
    if (!option.isBoolean())
      throw new UserError(
        `${path}: ${key}: ${value} is not a value for it`,
        `${name} takes ${option.flags}`,
      )
    return value ? [name] : []
  }
  if (Array.isArray(value)) return value.flatMap(each => flagsOf(path, key, each, command))
  if (typeof value === 'object' && value !== null) {
    if (name === '--header')
      return Object.entries(value).flatMap(([header, text]) => [name, `${header}: ${text}`])
    return [name, JSON.stringify(value)]
  }
  if (value === null || value === undefined)
    throw new UserError(`${path}: ${key} has no value`, `${name} takes ${option.flags}`)
  return [name, String(value)]
}
