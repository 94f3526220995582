// node test/support/complete-lock.mjs
// A registry mirror that serves one platform only leaves the others' optional packages out of the lock
// file, and npm ci then refuses it. This adds them: npm skips what does not fit the machine.
import { readFileSync, writeFileSync } from 'node:fs'

const CPUS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64', 'wasm32']
const SYSTEMS = ['linux', 'darwin', 'win32', 'android', 'freebsd', 'openharmony']

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
for (const parent of Object.values(lock.packages))
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const words = name.split('/').at(-1).split('-')
    const entry = {
      version,
      cpu: words.filter(word => CPUS.includes(word)),
      os: words.filter(word => SYSTEMS.includes(word)),
      optional: true,
      ...(parent.dev ? { dev: true } : {}),
    }
    if (entry.os[0] === 'linux') entry.libc = [words.includes('musl') ? 'musl' : 'glibc']
    if (entry.cpu.length > 0 && entry.os.length > 0) lock.packages[`node_modules/${name}`] ??= entry
  }
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
)
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
