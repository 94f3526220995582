import { readFileSync } from 'node:fs'

/** The version in the nearest package.json above this file: the sources' or the package's. */
export function tokentapeVersion(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      return JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')).version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error('no package.json above schemas/')
}
