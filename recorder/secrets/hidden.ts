import { UserError } from '../../schemas/errors.ts'
import type { Io } from '../../schemas/io.ts'
import { REDACTED } from '../url.ts'
import { needlesOf } from './forms.ts'

/** Takes every form of these secrets out of a text. */
export function hiderOf(secrets: readonly string[]): (text: string) => string {
  const forms = needlesOf(secrets).map(needle => needle.toString())
  return text => forms.reduce((left, form) => left.replaceAll(form, REDACTED), text)
}

/** A value as JSON has it, with every form of these secrets taken out of its texts and names. */
export function withoutSecrets<T>(value: T, secrets: readonly string[]): T {
  if (secrets.length === 0) return value
  const hide = hiderOf(secrets)
  const walk = (found: unknown): unknown => {
    if (typeof found === 'string') return hide(found)
    if (Array.isArray(found)) return found.map(walk)
    if (typeof found !== 'object' || found === null) return found
    return Object.fromEntries(Object.entries(found).map(([name, each]) => [hide(name), walk(each)]))
  }
  return walk(value) as T
}

/** Runs something that can neither print nor throw any of these secrets. */
export async function hiding<T>(
  secrets: readonly string[],
  io: Io,
  run: (io: Io) => Promise<T>,
): Promise<T> {
  if (secrets.length === 0) return run(io)
  const hide = hiderOf(secrets)
  try {
    return await run({ ...io, out: text => io.out(hide(text)), err: text => io.err(hide(text)) })
  } catch (error) {
    if (error instanceof UserError)
      throw new UserError(hide(error.message), hide(error.hint), error.exitCode)
    if (error instanceof Error) {
      error.message = hide(error.message)
      error.stack = hide(error.stack ?? '')
    }
    throw error
  }
}
