import { verifyTape } from '../schemas/digests.ts'
import type { Manifest } from '../schemas/manifest.ts'

/** Tapes that were said to have no digests, by where notes go: a command that opens one twice says it once. */
const told = new WeakMap<object, Set<string>>()

/**
 * Holds the files of sealed tapes against their digests, and notes in one line which have none. Those of a live
 * tape have a checksum a batch instead.
 *
 * @throws UserError naming the file that is missing or damaged
 */
export async function verifyTapes(
  tapes: readonly { path: string; manifest: Manifest }[],
  err: (text: string) => void,
): Promise<void> {
  const known = told.get(err) ?? new Set()
  told.set(err, known)
  const without: string[] = []
  for (const { path, manifest } of tapes)
    if (!(await verifyTape(path, manifest)) && manifest.state === 'sealed' && !known.has(path))
      without.push(path)
  for (const path of without) known.add(path)
  const [first] = without
  if (first === undefined) return
  const which = without.length === 1 ? first : `${first} and ${without.length - 1} more`
  err(
    `note: ${which}: no digests in run.json, so damage to files can go unnoticed; to add them: tokentape seal ${first}\n`,
  )
}
