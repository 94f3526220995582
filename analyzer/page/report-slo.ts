import { shown } from '../formats/tables.ts'
import { askGoodput } from '../goodput.ts'
import type { Tapes } from '../open-tapes.ts'
import type { Row } from '../rows.ts'
import { parseSlos } from '../slo.ts'
import { type Html, html } from './html.ts'
import { type LabelledRun, tablePart } from './report-parts.ts'

/** Shares of the requests for which the tightest limits are shown. */
const SHARES = [0.5, 0.9, 0.95, 0.99]
/** Limits of the sliders: columns of request_metrics, and their words. */
export const LIMITS: Record<string, string> = {
  ttft_ms: 'time to first token',
  latency_ms: 'request latency',
  itl_ms: 'inter token latency',
}

const SHORT: Record<string, string> = { ttft_ms: 'TTFT', latency_ms: 'latency', itl_ms: 'ITL' }

/** For each share of the requests sent the tightest limit that it meets, one metric alone. */
export async function heldLimits(
  tapes: Tapes,
  columns: string[],
): Promise<{ share: number; rows: Row[] }[]> {
  if (columns.length === 0) return []
  const slos = await parseSlos(
    [columns.map(column => `${column} <= 1`).join(' and ')],
    'report',
    tapes,
  )
  const found: { share: number; rows: Row[] }[] = []
  for (const solve of SHARES)
    found.push({ share: solve, rows: (await askGoodput(tapes, { slos, axes: [], solve })).limits })
  return found
}

/** The tightest limits as cards for 95 % and a table for all shares. */
export function heldPart(
  held: { share: number; rows: Row[] }[],
  columns: string[],
  runs: LabelledRun[],
): Html {
  const several = runs.length > 1
  const limit = (rows: Row[], runId: string, part: number): number | null =>
    (rows.find(row => row['run_id'] === runId && row['part'] === part)?.['limit_alone'] ?? null) as
      | number
      | null
  const main = held.find(({ share }) => share === 0.95)
  // Of several runs the table says it all.
  const cards = several
    ? []
    : columns.map((column, part) => {
        const value = main ? limit(main.rows, runs[0]!.runId, part) : null
        return html`<div class="card"><span>95 % of the requests: ${LIMITS[column]!} within</span><b>${value === null ? 'no limit' : `${shown(value)} ms`}</b></div>`
      })
  return html`<div class="cards">${cards}</div>${tablePart({
    caption: 'The tightest limit that each share of the requests sent meets, one metric alone',
    columns: [
      ...(several ? ['run'] : []),
      'share of the requests sent',
      ...columns.map(column => `${LIMITS[column]} (ms)`),
      'n',
    ],
    rows: runs.flatMap(({ runId, label }) =>
      held.map(({ share, rows }) => [
        ...(several ? [label] : []),
        `${Math.round(100 * share)} %`,
        ...columns.map((_, part) => limit(rows, runId, part)),
        Number(rows.find(row => row['run_id'] === runId)?.['n_sent'] ?? 0),
      ]),
    ),
    notes: [
      'By rank: the least value that so many of the requests sent do not exceed. A percentile above is interpolated between two values, over successful requests, and may lie below.',
      'A failed request meets no limit: - says that too many failed for any limit to hold. For limits that hold together, use the sliders.',
    ],
  })}`
}

/** The sliders. The page's script fills in the numbers. */
export const slidersPart = (columns: string[]): Html => html`
<form id="slo" aria-label="SLO">
<div class="limits">${columns.map(
  column => html`
<label><input type="checkbox" data-on="${column}" checked> ${LIMITS[column]!}</label>
<input type="range" data-range="${column}" aria-label="limit of ${LIMITS[column]!}, ms">
<span><input type="number" data-limit="${column}" min="0" step="0.01" aria-label="limit of ${LIMITS[column]!}, ms"> ms</span>`,
)}</div>
<div class="fields">
<label>target <input type="number" id="target" min="0" step="any"> requests/s</label>
<label>good at least <input type="number" id="attain" min="1" max="100" step="0.1" value="95"> %</label>
</div>
</form>
<div class="scroll" tabindex="0" role="region" aria-label="Goodput under this SLO"><table id="goodput" aria-live="polite">
<caption>Goodput under this SLO</caption>
<thead><tr><th scope="col">run</th><th scope="col">good</th><th scope="col">of sent</th><th scope="col">of completed</th><th scope="col">goodput (requests/s)</th>${columns.map(column => html`<th scope="col">within ${SHORT[column]!}</th>`)}<th scope="col">attained</th><th scope="col">servers by goodput</th><th scope="col">by throughput</th></tr></thead>
<tbody></tbody></table></div>
<p class="note">Good: succeeded and within every limit that is switched on. Servers: as many as the target takes, if each does under its share what this one did under this load.</p>
<div class="command"><pre id="command"></pre><button type="button" id="copy">Copy as command</button></div>
<p class="note" id="copied" role="status"></p>`
