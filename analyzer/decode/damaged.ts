import { reasonOf, UserError } from '../../schemas/errors.ts'

/** Classes of DuckDB errors that are about our SQL, not about the file that is read. */
const OUR_FAULT = /^(Binder|Catalog|Parser|Internal|Syntax) Error: /

/** What reading a file of a tape failed with, as the person's fault where DuckDB says the file is. */
export function damaged(path: string, error: unknown): unknown {
  const [reason] = reasonOf(error).split('\n')
  if (
    error instanceof UserError ||
    !/^[A-Z][\w ]* Error: /.test(reason!) ||
    OUR_FAULT.test(reason!)
  )
    return error
  return new UserError(
    `${path}: damaged: ${reason}`,
    'restore it from a copy of the tape, or record again',
  )
}
