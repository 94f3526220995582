import { writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { EXIT, reasonOf, UserError } from '../schemas/errors.ts'
import type { Io } from '../schemas/io.ts'
import { type JunitCase, junit } from './formats/junit.ts'
import { type Answer, TABLE_FORMATS } from './formats/tables.ts'

/** What a gate has to say: as every verb's answer, and as cases for CI servers. */
export type GateAnswer = Answer & {
  cases: JunitCase[]
  /** Markdown for a pull request, where it is not that of the tables. */
  markdown?: string
}

export type WriteFlags = { format?: string; write?: [format: string, path: string][] }

const FORMATS = [...Object.keys(TABLE_FORMATS), 'junit']

/** Adds `--format` and `--write`, which prints the same answer into files. */
export const withWriteFlags = (command: Command): Command =>
  command
    .addOption(new Option('--format <name>', 'how to print it').choices(FORMATS).default('text'))
    .option(
      '--write <format=path>',
      'also write it to a file, which is replaced: junit=gates.xml, markdown=comment.md; may be given several times',
      target,
    )

/** Prints an answer in the format asked for, and into files. */
export function writeAnswer(
  answer: GateAnswer,
  { format = 'text', write = [] }: WriteFlags,
  io: Io,
): void {
  io.out(textOf(answer, format))
  writeFiles(answer, write)
}

/**
 * Runs a gate. Where nothing can be judged, the files of `--write` say so too: a CI server that finds no report
 * may take that for a pass.
 *
 * @param verb  what was asked
 */
export async function judging(
  verb: string,
  { write = [] }: WriteFlags,
  run: () => Promise<void>,
): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (error instanceof UserError && error.exitCode === EXIT.notValid)
      writeFiles(notJudged(verb, error), write)
    throw error
  }
}

const notJudged = (verb: string, { message, hint, exitCode }: UserError): GateAnswer => ({
  head: [`NOT JUDGED: ${message}`, hint],
  tables: [],
  json: { exit_code: exitCode, error: message, hint },
  cases: [
    {
      suite: `tokentape ${verb}`,
      name: verb,
      result: 'error',
      message,
      detail: `${message}\n${hint}`,
    },
  ],
})

function writeFiles(answer: GateAnswer, write: NonNullable<WriteFlags['write']>): void {
  for (const [name, path] of write)
    try {
      writeFileSync(path, textOf(answer, name))
    } catch (error) {
      throw new UserError(`--write: ${path}: ${reasonOf(error)}`, 'name a file that can be written')
    }
}

function textOf(answer: GateAnswer, format: string): string {
  if (format === 'junit') return junit(answer.cases)
  if (format === 'markdown' && answer.markdown !== undefined) return answer.markdown
  return TABLE_FORMATS[format]!(answer)
}

function target(text: string, earlier: [string, string][] = []): [string, string][] {
  const [, format, path] = /^(\w+)=(.+)$/s.exec(text) ?? []
  if (format === undefined || !FORMATS.includes(format))
    throw new UserError(
      `--write: "${text}" is not FORMAT=PATH`,
      `formats are ${FORMATS.join(', ')}; for example --write junit=gates.xml`,
    )
  return [...earlier, [format, path!]]
}
