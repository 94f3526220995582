import { UserError } from '../../schemas/errors.ts'
import type { Fields } from './fields.ts'

/** The metrics of one of AIPerf's records; those that it has no value of are null. */
export type Metrics = {
  count(tag: string): number | null
  ns(tag: string): number | null
  nsList(tag: string): number[] | null
}

const NS_PER: Record<string, number> = { ns: 1, us: 1e3, ms: 1e6, sec: 1e9, s: 1e9 }

/** The metrics of a record, by their tags. */
export function metricsOf(fields: Fields): Metrics {
  const scaleOf = (metric: Fields): number => {
    const unit = metric.text('unit') ?? ''
    const scale = NS_PER[unit]
    if (scale === undefined)
      throw new UserError(
        `${metric.place}.unit is "${unit}", expected one of ${Object.keys(NS_PER).join(', ')}`,
        'name a file as AIPerf wrote it',
      )
    return scale
  }
  return {
    count: tag => fields.object(tag)?.count('value') ?? null,
    ns: tag => {
      const metric = fields.object(tag)
      const value = metric?.number('value') ?? null
      return metric && value !== null ? Math.round(value * scaleOf(metric)) : null
    },
    nsList: tag => {
      const metric = fields.object(tag)
      const values = metric?.numbers('value') ?? null
      if (!metric || values === null) return null
      const scale = scaleOf(metric)
      return values.map(value => value * scale)
    },
  }
}
