/** Where a program's words go: results to `out`, all else to `err`. Tests pass their own. */
export type Io = { out(text: string): void; err(text: string): void }
