import { type Frame, numbers, texts } from '../../figures/frame.ts'
import type { PageFacts } from '../packed.ts'
import { limitColumns, type Reach, type Slo, share, showCommand, sloForm } from './slo-form.ts'
import { type Good, showGood } from './slo-table.ts'

/** Sliders over every request: what `tokentape goodput` counts, counted as the limits move. */
export function sliders(requests: Frame, facts: PageFacts): void {
  const columns = limitColumns()
  const counter = counterOf(requests, facts, columns)
  const count = (slo: Slo): void => {
    showGood(counter(slo), columns, slo)
    showCommand(slo, `${facts.tapes}${facts.flags}`)
  }
  const nSent = facts.runs.reduce((sum, run) => sum + run.nSent, 0)
  const reach = Object.fromEntries(
    columns.map(column => [column, reachOf(requests, column, nSent)]),
  )
  const form = sloForm(reach, Math.max(0, ...facts.runs.map(perSecond)), count)
  count(form.now())
}

/** The least limits that a share of the requests sent meets, by rank as in tightest_limits; at most the largest value. */
function reachOf(requests: Frame, column: string, nSent: number): Reach {
  const sorted = numbers(requests, column)
    .filter(value => !Number.isNaN(value))
    .sort()
  const at = (q: number): number =>
    sorted[Math.min(Math.ceil(Number((q * nSent).toFixed(9))), sorted.length) - 1] ?? 0
  return { p95: at(0.95), p99: at(0.99), most: at(1) }
}

function counterOf(
  requests: Frame,
  facts: PageFacts,
  columns: string[],
): (slo: Slo) => (Good & { label: string })[] {
  const run = numbers(requests, 'run')
  const ok = texts(requests, 'outcome').map(outcome => outcome === 'ok')
  const values = columns.map(column => numbers(requests, column))
  return slo => {
    const chosen = columns.map(column => slo.limits.find(other => other.column === column)?.limit)
    const good = facts.runs.map(() => 0)
    const met = facts.runs.map(() => columns.map(() => 0))
    for (let row = 0; row < requests.n; row++) {
      if (!ok[row]) continue
      let all = true
      for (let i = 0; i < columns.length; i++) {
        if (chosen[i] === undefined) continue
        // What has no value is NaN, and within no limit.
        if (values[i]![row]! <= chosen[i]!) met[run[row]!]![i]!++
        else all = false
      }
      if (all) good[run[row]!]!++
    }
    const wanted = share(slo.attain)
    return facts.runs.map((own, place) => {
      const n = good[place]!
      // As in goodput.sql and capacity.sql, in the same order of operations; a test compares them.
      const ofSent = (counted: number): number | null =>
        own.nSent > 0 ? counted / own.nSent : null
      const shareOfSent = ofSent(n)
      const goodput = own.durationNs > 0 ? (n * 1e9) / own.durationNs : null
      const throughput = perSecond(own)
      const attained = shareOfSent === null ? null : shareOfSent >= wanted
      const byThroughput = throughput > 0 ? Math.ceil(slo.target / throughput) : null
      return {
        label: own.label,
        nGood: n,
        shareOfSent,
        shareOfCompleted: own.nCompleted > 0 ? n / own.nCompleted : null,
        goodput,
        met: Object.fromEntries(columns.map((column, i) => [column, ofSent(met[place]![i]!)])),
        attained,
        serversAtLeast:
          attained === false && own.durationNs > 0
            ? Math.floor(Number(((slo.target * own.durationNs) / (own.nSent * 1e9)).toFixed(9))) + 1
            : null,
        serversByGoodput:
          attained && goodput && byThroughput !== null
            ? Math.max(byThroughput, Math.ceil((slo.target * wanted) / goodput))
            : null,
        serversByThroughput: byThroughput,
      }
    })
  }
}

const perSecond = ({ nCompleted, durationNs }: PageFacts['runs'][number]): number =>
  durationNs > 0 ? (nCompleted * 1e9) / durationNs : 0
