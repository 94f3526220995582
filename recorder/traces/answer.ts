type AnswerTable = {
  title?: string
  columns: string[]
  rows: (string | number | null)[][]
  notes?: string[]
}

/** What a verb has to say: tables for people and spreadsheets, a value for programs. */
export type Answer = {
  head?: string[]
  tables: AnswerTable[]
  /** The table that CSV gives, where it is not the first. */
  csv?: AnswerTable
  json: unknown
}

/** Prints an answer in the formats of all verbs; the command line hands it in. */
export type Print = (format: string, answer: Answer) => string
