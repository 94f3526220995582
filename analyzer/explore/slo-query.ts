import { UserError } from '../../schemas/errors.ts'
import { limitedTable } from '../goodput.ts'
import { judgeMeasured, measure } from '../judged.ts'
import type { Tapes } from '../open-tapes.ts'
import { quoted } from '../quoted.ts'
import { parseSlos } from '../slo.ts'

/** What an SLO is asked for: its goodput, and the servers that a target takes. */
export type AskedSlo = {
  /** As `--slo` takes it. */
  text: string
  targetPerSec: number
  /** The share of the target that must be good. */
  attain: number
}

/** For which shares of the requests the tightest limits are asked, by columns of request_metrics. */
export type AskedLimits = { shares: number[]; columns: string[] }

export type SloQueries = {
  /** The query of one row a run: what `tokentape goodput` says. */
  goodput(asked: AskedSlo): Promise<string>
  /** The query of a row for each run and share: what `tokentape goodput --solve` says of each metric alone. */
  limits(asked: AskedLimits): Promise<string>
}

/**
 * SLOs over tapes that do not change, so each request is measured once: moving a limit only judges anew.
 *
 * @throws UserError for what is no SLO, or none that requests can be judged by
 */
export function sloQueries(tapes: Tapes): SloQueries {
  const measured = new Set<string>()
  const measureAll = async (columns: string[]): Promise<void> => {
    if (columns.every(column => measured.has(column))) return
    const all = [...measured, ...columns]
    measured.clear()
    await measure(tapes, all)
    for (const column of all) measured.add(column)
  }
  return {
    async goodput({ text, targetPerSec, attain }) {
      if (!Number.isFinite(targetPerSec) || targetPerSec < 0)
        throw new UserError(`target: ${targetPerSec} is not a rate`, 'for example 1000 requests/s')
      if (!Number.isFinite(attain) || attain <= 0 || attain > 1)
        throw new UserError(`attain: ${attain} is not a share`, 'write 0.95 for 95 %')
      const [slo] = await parseSlos([String(text)], 'slo', tapes)
      await measureAll(slo!.columns)
      await judgeMeasured(tapes, [slo!])
      await tapes.query(`create or replace temp table _goodput as from goodput('_judged')`)
      const met = slo!.parts.map((_, i) => `max(share_of_sent) filter (part = ${i}) as met_${i}`)
      return `
        select run_id, n_good, _goodput.share_of_sent as share_of_sent, share_of_completed,
          _goodput.goodput as goodput, parts.* exclude (run_id),
          attained::int as attained, servers_by_goodput, servers_at_least, servers_by_throughput
        from _goodput
        join capacity('_goodput', ${targetPerSec}::double, ${attain}::double) as capacity using (run_id)
        join (select run_id, ${met.join(', ')} from attainment('_judged') group by run_id) as parts using (run_id)`
    },
    async limits({ shares, columns }) {
      const text = columns.map(column => `${column} <= 1`).join(' and ')
      const slos = await parseSlos([text], 'limits', tapes)
      await measureAll(slos[0]!.columns)
      await tapes.query(limitedTable(slos))
      const alone = slos[0]!.parts.map(
        ({ limit }, i) => `max(limit_alone) filter (part = ${i}) as ${limit!.column}`,
      )
      return shares
        .map(
          share =>
            `select run_id, ${quoted(`${Number(share) * 100} %`)} as share, ${alone.join(', ')}, max(n_sent) as n_sent
             from tightest_limits('_limited', ${Number(share)}) group by run_id`,
        )
        .join(' union all ')
    },
  }
}
