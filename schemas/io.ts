/** Where a program's words go: results to `out`, all else to `err`. Tests pass their own. */
export type Io = {
  out(text: string): void
  err(text: string): void
  /** Results that are not text; missing where they would go to a terminal. */
  bytes?(piece: Uint8Array): void
}
