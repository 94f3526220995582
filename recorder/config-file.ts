import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parse, YAMLError } from 'yaml'
import { reasonOf, UserError } from '../schemas/errors.ts'

/**
 * A YAML file that says what flags say: `request-rate: 5`, `streaming: true`, lists for flags that may
 * be given several times, maps for `extra-inputs` and `header`. Flags on the command line win.
 *
 * @returns the file's settings as flags
 * @throws  UserError naming the file and the key
 */
export function flagsOfConfig(path: string, command: Command): string[] {
  const settings = read(path)
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings))
    throw new UserError(
      `${path}: expected settings such as "concurrency: 10"`,
      'one a line, named as the flags are',
    )
  return Object.entries(settings).flatMap(([key, value]) => flagsOf(path, key, value, command))
}

function read(path: string): unknown {
  const cannot = (why: string): UserError =>
    new UserError(`--config: cannot read ${path}: ${why}`, 'see the README for an example')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw cannot(reasonOf(error))
  }
  try {
    // Neither its warnings nor its errors are shown: they quote the line, and a key may stand in it.
    return parse(text, { logLevel: 'error' })
  } catch (error) {
    throw cannot(error instanceof YAMLError ? placeOf(error) : 'not YAML')
  }
}

const placeOf = ({ code, linePos }: YAMLError): string =>
  `${code} at line ${linePos?.[0].line}, column ${linePos?.[0].col}`

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
