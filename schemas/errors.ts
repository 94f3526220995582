/** Process exit codes. Numbers are never reused: CI scripts branch on them. */
export const EXIT = {
  /** All went well. */
  ok: 0,
  /** A bug in tokentape. */
  bug: 1,
  /** Wrong usage or configuration. */
  usage: 2,
  /** The run gave no usable tape: no request succeeded, or the tape could not be written. */
  noTape: 3,
  /** A threshold or regression gate failed. */
  gate: 4,
  /** The run is not valid to judge. */
  notValid: 5,
  /** Interrupted by the user; the tape is sealed. */
  interrupted: 130,
} as const

/**
 * A fault of the person at the terminal: what is wrong, with the value and where; then what to type.
 *
 * Lower case, no full stop. Printed as two lines, without a stack.
 */
export class UserError extends Error {
  readonly hint: string
  readonly exitCode: number

  constructor(message: string, hint: string, exitCode: number = EXIT.usage) {
    super(message)
    this.name = 'UserError'
    this.hint = hint
    this.exitCode = exitCode
  }
}

/** The text of anything thrown, for a message that names its cause. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
