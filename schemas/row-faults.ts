import type { Columns } from './columns.ts'
import { UserError } from './errors.ts'
import { EVENT_KINDS, type Table } from './tables.ts'

/** A row of a tape without something that every row has. No recorder writes one. */
export const nullIn = (path: string, column: string): UserError =>
  new UserError(
    `${path}: ${column} is NULL, which no row of it may be`,
    'write the file again without such rows, or restore the one that was there',
  )

/** A kind of event that this version does not know. */
export const unknownKind = (path: string, kind: string): UserError =>
  new UserError(
    `${path}: kind is "${kind}", which is none of ${EVENT_KINDS.join(', ')}`,
    'upgrade tokentape if a newer one wrote it, else restore the file that was there',
  )

/**
 * Refuses rows of a live log that a table cannot have. Its checksums say only that they are as they were written.
 *
 * @throws UserError naming the file and the column
 */
export function checkRows(path: string, { columns }: Columns, table: Table): void {
  for (const [name, [type]] of Object.entries(table)) {
    const { values, validity } = columns[name]!
    if (validity && !type.endsWith('?')) throw nullIn(path, name)
    if (type !== 'kind') continue
    const unknown = (values as Uint8Array).find(code => code >= EVENT_KINDS.length)
    if (unknown !== undefined) throw unknownKind(path, `code ${unknown}`)
  }
}
