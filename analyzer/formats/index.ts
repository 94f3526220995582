import { csv } from './csv.ts'
import type { Format } from './format.ts'
import { json } from './json.ts'
import { markdown } from './markdown.ts'
import { text } from './text.ts'

export const FORMATS: Record<string, Format> = { text, json, csv, markdown }
