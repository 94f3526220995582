import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CALIBRATION, type Calibration } from '../schemas/calibration.ts'
import { fileDigest } from '../schemas/digests.ts'
import { EXIT } from '../schemas/errors.ts'
import { readManifest, tapeFault, writeManifest } from '../schemas/tape.ts'
import { removeAbandoned, temporaryName } from '../schemas/temporary.ts'

/**
 * Keeps a calibration in a tape, whole or not at all, and its digest with the others. Until the manifest has that,
 * the file counts as one that somebody put there.
 *
 * @throws UserError where the tape is gone or cannot be written
 */
export async function attachCalibration(tape: string, calibration: Calibration): Promise<void> {
  const path = join(tape, CALIBRATION)
  const temporary = temporaryName(path)
  try {
    removeAbandoned(tape)
    const manifest = readManifest(tape)
    writeFileSync(temporary, `${JSON.stringify(calibration, null, 2)}\n`)
    const digest = await fileDigest(temporary)
    // First without the old one's digest, so that no state between names a file that is another.
    const { [CALIBRATION]: _old, ...others } = manifest.digests ?? {}
    if (manifest.digests) writeManifest(tape, { ...manifest, digests: others })
    renameSync(temporary, path)
    if (manifest.digests)
      writeManifest(tape, { ...manifest, digests: { ...others, [CALIBRATION]: digest } })
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary)
    throw tapeFault(tape, error, {
      what: `cannot keep ${CALIBRATION}`,
      exitCode: EXIT.noTape,
    })
  }
}
