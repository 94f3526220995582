import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { reasonOf, UserError } from '../schemas/errors.ts'
import { checkQuery, interrupting, type Limits, runLocked } from './locked.ts'
import type { Tapes } from './open-tapes.ts'
import { type Destination, RESULT_FORMATS } from './result-sinks.ts'
import { complete } from './sql-completion.ts'

export type Terminal = {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  /** Where queries are remembered. */
  history: string
  /** What can be completed. */
  words: readonly string[]
}

const PROMPT = 'tokentape> '
const CONTINUED = '      ...> '
const HELP = `A query ends with a semicolon. It reads; nothing can be changed.
  show tables;         what there is
  describe requests;   the columns of a relation
  .format csv          text, markdown, csv or json
  .quit, ^D            leave; ^C stops a query
`

/** How many queries are remembered. */
const REMEMBERED = 1000

/**
 * Answers queries from a terminal until it is left.
 *
 * ^C stops the query that runs, or gives up the one that is typed. A query that fails is told, and no reason
 * to leave.
 */
export async function sqlPrompt(tapes: Tapes, limits: Limits, terminal: Terminal): Promise<void> {
  const { input, output, words } = terminal
  const said: string[] = recall(terminal.history)
  const prompt = createInterface({
    input,
    output,
    terminal: true,
    history: [...said],
    historySize: REMEMBERED,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, words),
  })
  const to: Destination = {
    write: piece => output.write(piece),
    note: text => output.write(text),
  }
  let typed: string[] = []
  let format = 'text'
  let running = false
  let stopping: NodeJS.Timeout | undefined
  const ready = (): void => {
    prompt.setPrompt(typed.length > 0 ? CONTINUED : PROMPT)
    prompt.prompt()
  }
  const answer = async (query: string): Promise<void> => {
    running = true
    try {
      const checked = await checkQuery(query, tapes)
      await runLocked(checked, tapes, limits, RESULT_FORMATS[format]!(to))
    } catch (error) {
      if (stopping) output.write('stopped\n')
      else if (error instanceof UserError)
        output.write(`error: ${error.message}\n  hint: ${error.hint}\n`)
      else throw error
    } finally {
      running = false
      clearInterval(stopping)
      stopping = undefined
    }
  }
  const command = (line: string): void => {
    const [name, value] = line.split(/\s+/)
    if (name === '.quit' || name === '.exit') prompt.close()
    else if (name === '.format' && value !== undefined && value in RESULT_FORMATS) format = value
    else output.write(HELP)
  }
  prompt.on('SIGINT', () => {
    if (running) {
      stopping ??= interrupting(tapes)
      return
    }
    typed = []
    output.write('\n')
    // What had been typed of a line goes too.
    prompt.write(null, { ctrl: true, name: 'u' })
    ready()
  })
  let remembering = said
  const lines: string[] = []
  let closed = false
  let wake = (): void => {}
  prompt.on('line', line => {
    lines.push(line)
    wake()
  })
  prompt.on('history', history => {
    remembering = history
  })
  prompt.on('close', () => {
    closed = true
    wake()
  })
  output.write('SQL over the tapes; .help says more\n')
  ready()
  for (;;) {
    const line = lines.shift()
    if (line === undefined) {
      if (closed) break
      await new Promise<void>(resolve => {
        wake = resolve
      })
      continue
    }
    if (typed.length === 0 && line.trim().startsWith('.')) command(line.trim())
    else if (line.trim() !== '' || typed.length > 0) {
      typed.push(line)
      if (line.trimEnd().endsWith(';')) {
        const query = typed.join('\n')
        typed = []
        await answer(query)
      }
    }
    if (!closed) ready()
  }
  output.write('\n')
  remember(terminal.history, remembering, to)
}

/** Where the history is by the XDG rules for state. */
export const historyFile = (env: NodeJS.ProcessEnv = process.env): string =>
  join(
    env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state'),
    'tokentape',
    'sql-history',
  )

/** The newest first. */
function recall(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).reverse()
  } catch {
    // The first time, or a file that may not be read: there is no history.
    return []
  }
}

function remember(path: string, history: string[], to: Destination): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    const lines = history.slice(0, REMEMBERED).reverse()
    writeFileSync(path, lines.map(line => `${line}\n`).join(''), { mode: 0o600 })
  } catch (error) {
    to.note(`note: queries are not remembered: ${reasonOf(error)}\n`)
  }
}
