import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Load } from '../../recorder/calibrate-compare.ts'
import {
  type Calibration,
  type CalibrationLevel,
  readCalibration,
} from '../../schemas/calibration.ts'

const bin = new URL('../../tokentape.js', import.meta.url).pathname

/** One load with the real recorder, in a process of its own as a user would run it. */
export async function measureRecorder(
  load: Load,
  { lockstepMs = 0, flags = [] as string[], env = {}, folder: under = tmpdir() } = {},
): Promise<CalibrationLevel> {
  const folder = mkdtempSync(join(under, 'tokentape-bench-'))
  const output = join(folder, 'calibration.json')
  try {
    // biome-ignore format: one flag and its value beside each other
    execFileSync(process.execPath, [
      bin, 'calibrate', '--ladder', `${load.streams}x${load.tokensPerSecond}`,
      '--seconds', String(load.seconds), '--lockstep-ms', String(lockstepMs),
      '--output', output, ...flags,
    ], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env, TMPDIR: folder } })
    const { levels }: Calibration = readCalibration(output)
    return levels[0]!
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
