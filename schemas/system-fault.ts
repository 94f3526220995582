import { reasonOf, UserError } from './errors.ts'

/**
 * What the system refuses, and what a person can do about it: by the code that Node gives.
 *
 * DuckDB gives only the words of strerror, which stand here too.
 */
const FAULTS: Record<string, [words: string, hint: string]> = {
  EMFILE: [
    'Too many open files',
    'raise the number of files that a process may open, for example: ulimit -n 4096',
  ],
  ENFILE: ['Too many open files in system', 'close other programs, or raise fs.file-max'],
  ENOSPC: ['No space left on device', 'free the disk, or name a place on another one'],
  EDQUOT: ['Disk quota exceeded', 'free what your quota counts, or name a place on another disk'],
  EFBIG: [
    'File too large',
    'free the disk, raise the limit (ulimit -f), or name a place that takes larger files',
  ],
  EACCES: ['Permission denied', 'see who may read and write it: ls -ld PATH'],
  EPERM: ['Operation not permitted', 'see who may read and write it: ls -ld PATH'],
  EROFS: ['Read-only file system', 'name a place that can be written'],
  ENOENT: [
    'No such file or directory',
    'see whether it was removed or renamed meanwhile: ls -l PATH',
  ],
  ESTALE: ['Stale file handle', 'see whether it was removed or renamed meanwhile: ls -l PATH'],
  ENOTDIR: ['Not a directory', 'see what is in the way: ls -ld PATH'],
  EISDIR: ['Is a directory', 'take the directory away, or restore the file that was there'],
  EEXIST: ['File exists', 'take away what is in the way, or name another place'],
  ENOTEMPTY: ['Directory not empty', 'take away what is in the way, or name another place'],
  EBUSY: ['Device or resource busy', 'wait until nobody uses it'],
  EIO: ['Input/output error', 'the disk fails: see dmesg, and work on a copy'],
  ELOOP: ['Too many levels of symbolic links', 'see where its links lead: namei -l PATH'],
  ENAMETOOLONG: ['File name too long', 'name a shorter path'],
  ENOMEM: ['Cannot allocate memory', 'free memory, or ask for less'],
  EAGAIN: [
    'Resource temporarily unavailable',
    'raise the number of threads and processes that you may have: ulimit -u',
  ],
}

/** The package's own folder: a file that is missing there is not the user's fault. */
const OWN_FOLDER = new URL('..', import.meta.url).pathname

/** What to do about a code of the system, or undefined where it is not one that people can do anything about. */
export const hintFor = (code: string): string | undefined => FAULTS[code]?.[1]

/** The code of an error of the system, whoever reports it; undefined where it is none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, path } = error as NodeJS.ErrnoException
  if (code !== undefined && code in FAULTS)
    return code === 'ENOENT' && path?.startsWith(OWN_FOLDER) ? undefined : code
  const [line = ''] = error.message.split('\n')
  // A thread that could not start names the code in its words.
  if (code === 'ERR_WORKER_INIT_FAILED')
    return Object.keys(FAULTS).find(each => line.includes(each)) ?? 'EAGAIN'
  if (!/^(IO|Permission) Error: /.test(line)) return undefined
  return Object.keys(FAULTS).find(each => line.includes(FAULTS[each]![0]))
}

/**
 * An error of the system in the user's words, or undefined where it is something else.
 *
 * @param what  what could not be done, with its path; without it the system's own words must do
 */
export function systemFault(
  error: unknown,
  { what, exitCode }: { what?: string; exitCode?: number | undefined } = {},
): UserError | undefined {
  if (error instanceof UserError) return error
  const code = systemCode(error)
  const [reason = ''] = reasonOf(error).split('\n')
  const message = what === undefined ? reason : `${what}: ${reason}`
  if (code !== undefined) return new UserError(message, FAULTS[code]![1], exitCode)
  if (/without null bytes/.test(reason))
    return new UserError(message, 'take the NUL byte out of the path', exitCode)
  if (/^IO Error: /.test(reason))
    return new UserError(message, 'see whether the file is there and whole: ls -l PATH', exitCode)
  if (/^Out of Memory Error: /.test(reason))
    return new UserError(message, 'free memory, or ask for less: --from and --to', exitCode)
  return undefined
}
