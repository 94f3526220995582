// Loaded into a process that is measured: at its end it says on descriptor 3 what it took.
import { writeSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  writeSync(
    3,
    JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1e3, peakMb: maxRSS / 1024 }),
  )
})
