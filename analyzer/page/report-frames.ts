import type { FigureMetric, Question } from '../figures/figure.ts'
import type { Frame } from '../figures/frame.ts'
import { figureMetric, frameOf, questionOf } from '../figures/frames-of.ts'
import { FIGURES } from '../figures/index.ts'
import type { Tapes } from '../open-tapes.ts'

/** Metrics that a report draws, where requests have them: their column of timed_requests. */
export const DRAWN: Record<string, string> = {
  time_to_first_token: 'ttft_ms',
  inter_token_latency: 'itl_ms',
  request_latency: 'latency_ms',
}

export type ReportFrames = {
  frames: { [name: string]: Frame }
  metrics: { [name: string]: FigureMetric }
  /** By `figure` or `figure metric`: the figure's frames and the names they stand under in `frames`. */
  drawn: { [key: string]: { [name: string]: string } }
}

/** The frames of all figures of a report; a query that two figures share is asked once. */
export async function reportFrames(tapes: Tapes, gpus?: number): Promise<ReportFrames> {
  const first = tapes.metrics.find(({ name }) => name in DRAWN)!
  const question = await questionOf(tapes, figureMetric(first), gpus)
  const requests = await frameOf(tapes, 'from timed_requests')
  const frames: { [name: string]: Frame } = { requests }
  const drawn: ReportFrames['drawn'] = {}
  const names = new Map<string, string>()
  const found = tapes.metrics.filter(({ name }) => {
    const column = requests.columns[DRAWN[name] ?? '']
    return column instanceof Float64Array && column.some(value => !Number.isNaN(value))
  })
  const metrics = Object.fromEntries(found.map(metric => [metric.name, figureMetric(metric)]))

  const add = async (figure: string, key: string, asked: Question): Promise<void> => {
    const own: { [name: string]: string } = {}
    for (const statement of FIGURES[figure]!.prepare ?? []) await tapes.query(statement)
    for (const [name, sql] of Object.entries(FIGURES[figure]!.frames(asked))) {
      const packed = names.get(sql) ?? `${key} ${name}`
      if (!names.has(sql)) frames[packed] = await frameOf(tapes, sql)
      names.set(sql, packed)
      own[name] = packed
    }
    drawn[key] = own
  }
  for (const [name, { perMetric }] of Object.entries(FIGURES)) {
    if (name === 'pareto' && tapes.runs.length < 2) continue
    if (!perMetric) await add(name, name, question)
    // The page draws requests over time from the rows that its sliders count.
    else if (name !== 'over-time')
      for (const metric of Object.values(metrics))
        await add(name, `${name} ${metric.name}`, { ...question, metric })
  }
  return { frames, metrics, drawn }
}
