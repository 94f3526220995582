import { mkdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { reasonOf, UserError } from '../schemas/errors.ts'
import { temporaryFolder } from '../schemas/temporary.ts'

/**
 * Lets something be made in a folder beside its place, from where it can be moved there when it is whole. The
 * folder is gone afterwards, whatever happens.
 *
 * @throws UserError when nothing may be written there
 */
export async function beside<T>(output: string, make: (folder: string) => Promise<T>): Promise<T> {
  const parent = dirname(resolve(output))
  let folder: ReturnType<typeof temporaryFolder>
  try {
    mkdirSync(parent, { recursive: true })
    folder = temporaryFolder(parent, `.${basename(output).slice(0, 40)}-`)
  } catch (error) {
    throw new UserError(
      `${output}: cannot be written: ${reasonOf(error)}`,
      'name a place that you may write to with --output',
    )
  }
  try {
    return await make(folder.path)
  } finally {
    folder.remove()
  }
}
