import { type CalibrationLevel, calibrationOf, levelFor } from '../schemas/calibration.ts'
import { forPeople, percentileName, titled } from './formats/number.ts'
import type { Metric } from './models.ts'
import type { RunReport, Summary } from './report.ts'
import type { LimitedTapes } from './with-tapes.ts'

/** What the recorder was measured to add at the load of a run; `record --calibrate` measures it. */
export type Instrument = {
  /** The run's highest number of requests in flight, and of reads in one second. */
  streams: number
  readsPerSecond: number
  /** The lightest measured load that is at least as heavy; undefined where all were lighter. */
  level: CalibrationLevel | undefined
}

/** Metrics of the time between two tokens: both ends are late, each by itself. */
const GAPS = /gap|inter_token|inter_chunk|to_second_token/
/** Times that pass within the recorder or between two sends: no way through the network is in them. */
const LOCAL = /^(send_lateness|replay_lag|client_time_to_send|reader_wait)$/

/**
 * The p99 of the instrument's error for one value of a metric, in the unit that it is shown in;
 * undefined where the metric is no latency. A mean over many gaps is better than one gap: for those
 * this is a bound.
 */
export function errorOfMetric({ name, unit, grain, shown }: Metric, level: CalibrationLevel) {
  if (unit !== 'ns' || grain === 'run' || LOCAL.test(name)) return undefined
  const { p99 } = GAPS.test(name) ? level.gap_error_ns : level.ttft_error_ns
  return p99 / (shown === 'sec' ? 1e9 : 1e6)
}

/** The instrument of each run that has a calibration. Of shards, each recorder carries an equal part. */
export async function instrumentsOf(tapes: LimitedTapes): Promise<Map<string, Instrument>> {
  const found = new Map<string, Instrument>()
  const calibrated = tapes.runs.flatMap(({ manifest: { run_id }, shards }) => {
    const calibration = calibrationOf(shards[0]!.path)
    return calibration ? [{ runId: run_id, recorders: shards.length, calibration }] : []
  })
  if (calibrated.length === 0) return found
  const loads = await tapes.query(`
    with seconds as (
      select run_id, floor(at_ns / 1e9) as second, sum(reads) as reads from raw_health group by all
    ), lanes as (
      select run_id, lane, max(in_flight) as streams from raw_health group by all
    )
    select run_id, any_value(reads) as reads, sum(streams) as streams
    from (select run_id, max(reads) as reads from seconds group by all) join lanes using (run_id)
    group by run_id`)
  for (const { runId, recorders, calibration } of calibrated) {
    const load = loads.find(row => row['run_id'] === runId)
    if (!load) continue
    const streams = Math.ceil(Number(load['streams']) / recorders)
    const readsPerSecond = Math.ceil(Number(load['reads']) / recorders)
    const level = levelFor(calibration, { streams, eventsPerSecond: readsPerSecond })
    found.set(runId, { streams, readsPerSecond, level })
  }
  return found
}

/** What the instrument's error forbids to read, in whole sentences. */
export function instrumentNotes(
  runs: readonly RunReport[],
  percentiles: readonly number[],
): string[] {
  return [
    ...runs.flatMap(run => [...ownNotes(run, percentiles)]),
    ...differenceNotes(runs, percentiles),
  ]
}

function* ownNotes({ runId, instrument, metrics }: RunReport, percentiles: readonly number[]) {
  if (!instrument) return
  const { level, streams, readsPerSecond } = instrument
  const load = `${streams} requests in flight and ${readsPerSecond} reads/s`
  if (!level) {
    yield `${runId}: the load of ${load} is heavier than all that was calibrated: the instrument's error is not known`
    return
  }
  yield `${runId}: error is the p99 of what this recorder added when it was calibrated at ${level.streams} × ${level.tokens_per_second} tokens/s (this run: ${load})`
  const hidden = metrics.filter(summary => {
    const error = errorOfMetric(summary.metric, level)
    const middle = percentileOf(summary, 50)
    return error !== undefined && percentiles.includes(50) && middle < error
  })
  if (hidden.length > 0)
    yield `${runId}: smaller than the error at the median, so not to be read: ${hidden.map(titled).join(', ')}`
}

/** Differences between the first run and each other one that are smaller than what both may be off by. */
function* differenceNotes(runs: readonly RunReport[], percentiles: readonly number[]) {
  const [first, ...others] = runs
  if (!first?.instrument?.level) return
  for (const other of others) {
    if (!other.instrument?.level) continue
    for (const summary of first.metrics) {
      const theirs = other.metrics.find(({ metric }) => metric.name === summary.metric.name)
      const errors = [first, other].map(run =>
        errorOfMetric(summary.metric, run.instrument!.level!),
      )
      if (!theirs || errors[0] === undefined) continue
      const error = Math.max(errors[0], errors[1]!)
      const small = percentiles.filter(percent => {
        const difference = Math.abs(percentileOf(summary, percent) - percentileOf(theirs, percent))
        return difference > 0 && difference < error
      })
      if (small.length > 0)
        yield `${first.runId} and ${other.runId}: the difference of ${titled(summary)} at ${small.map(percentileName).join(', ')} is smaller than the instrument's error of ${forPeople(error, summary)}`
    }
  }
}

const percentileOf = ({ percentiles }: Summary, percent: number): number =>
  percentiles.get(percent) ?? Number.NaN
