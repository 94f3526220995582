import type { Answer, Cell, Table } from './formats/tables.ts'
import { cellLimits, type GoodputAnswer, type GoodputQuestion } from './goodput.ts'
import type { Row } from './rows.ts'
import { partText } from './slo.ts'

/** Columns of a grid that fit a terminal as a matrix; a wider one is a list. */
const MATRIX_COLUMNS = 12

/**
 * The answer on goodput as tables and as a value.
 *
 * @param several  whether there are several runs, so that each row must name its own
 */
export function goodputTables(
  question: GoodputQuestion,
  answer: GoodputAnswer,
  several: boolean,
): Answer {
  const { slos } = question
  const tables: Table[] = []
  if (slos.length > 0)
    tables.push(tiersTable(answer.tiers, several), partsTable(question, answer.parts, several))
  if (answer.limits.length > 0) tables.push(limitsTable(question, answer.limits, several))
  if (answer.capacity.length > 0) tables.push(capacityTable(question, answer.capacity, several))
  const list = answer.grid.length > 0 ? gridTable(question, answer.grid, several) : undefined
  if (list) tables.push(matrixOf(question, answer.grid, several) ?? list)
  return {
    head: slos.map(({ tier, text }) => `${tier}: ${text}`),
    tables,
    ...(list && slos.length === 0 ? { csv: list } : {}),
    json: jsonOf(question, answer),
  }
}

const run = (several: boolean, row: Row): Cell[] => (several ? [String(row['run_id'])] : [])
const cells = (row: Row, names: string[]): Cell[] => names.map(name => row[name] as Cell)
const percent = (value: unknown): Cell =>
  value === null ? null : `${(100 * Number(value)).toFixed(2)} %`

const tiersTable = (rows: Row[], several: boolean): Table => ({
  columns: [
    ...(several ? ['run'] : []),
    ...['slo', 'good', 'of sent', 'of completed', 'of scheduled', 'sent', 'completed', 'scheduled'],
    ...['goodput (requests/sec)', 'throughput (requests/sec)', 'token goodput (tokens/sec)'],
  ],
  rows: rows.map(row => [
    ...run(several, row),
    ...cells(row, ['tier', 'n_good']),
    ...['share_of_sent', 'share_of_completed', 'share_of_scheduled'].map(name =>
      percent(row[name]),
    ),
    ...cells(row, [
      'n_sent',
      'n_completed',
      'n_scheduled',
      'goodput',
      'request_throughput',
      'token_goodput',
    ]),
  ]),
})

const partsTable = ({ slos }: GoodputQuestion, rows: Row[], several: boolean): Table => ({
  columns: [
    ...(several ? ['run'] : []),
    'slo',
    'limit',
    'met',
    'of sent',
    'of completed',
    'missed alone',
  ],
  rows: rows.map(row => {
    const part = slos.find(({ tier }) => tier === row['tier'])!.parts[Number(row['part'])]!
    return [
      ...run(several, row),
      row['tier'] as string,
      partText(part),
      row['n_met'] as number,
      percent(row['share_of_sent']),
      percent(row['share_of_completed']),
      row['n_missed_alone'] as number,
    ]
  }),
  notes: ['missed alone: successful requests that meet every other limit'],
})

const limitsTable = ({ slos, solve }: GoodputQuestion, rows: Row[], several: boolean): Table => ({
  title: `tightest limits that ${100 * solve!} % of the requests sent meet`,
  columns: [
    ...(several ? ['run'] : []),
    'slo',
    'metric',
    'alone',
    'with the other limits held',
    'needed',
    'sent',
  ],
  rows: rows.map(row => {
    const { limit } = slos.find(({ tier }) => tier === row['tier'])!.parts[Number(row['part'])]!
    return [
      ...run(several, row),
      row['tier'] as string,
      `${limit!.column} ${limit!.operator[0]}=`,
      ...cells(row, ['limit_alone', 'limit_held', 'n_needed', 'n_sent']),
    ]
  }),
  notes: [
    'by rank over the requests sent: a percentile of report is interpolated, over successful ones, and may lie below',
    ...(rows.some(row => row['limit_held'] === null)
      ? ['-: no limit does it: too many requests failed, or miss another limit']
      : []),
  ],
})

const capacityTable = ({ capacity }: GoodputQuestion, rows: Row[], several: boolean): Table => ({
  title: `servers for ${capacity!.targetPerSec} requests/sec, ${100 * capacity!.attain} % of them good`,
  columns: [
    ...(several ? ['run'] : []),
    'slo',
    'by throughput',
    'by goodput',
    'attained',
    'this load attains it',
  ],
  rows: rows.map(row => [
    ...run(several, row),
    ...cells(row, ['tier', 'servers_by_throughput']),
    atLeast(row) ?? (row['servers_by_goodput'] as Cell),
    percent(row['share_of_sent']),
    row['attained'] === null ? null : row['attained'] ? 'yes' : 'no',
  ]),
  notes: [...rows.flatMap(row => whyAtLeast(row, capacity!.attain, several) ?? []), ASSUMPTION],
})

const ASSUMPTION = 'assumed: every server does under its share what this one did under this load'

const atLeast = ({ servers_at_least: n }: Row): string | undefined =>
  (n ?? null) === null ? undefined : `at least ${n}`

/** Why a run only bounds the number of servers. */
function whyAtLeast(row: Row, attain: number, several: boolean): string | undefined {
  const of = several ? `${row['tier']} of ${row['run_id']}` : row['tier']
  if ((row['share_of_sent'] ?? null) === null || (row['sent_per_sec'] ?? null) === null)
    return `${of}: no request succeeded, so that no number of servers follows from this run`
  if (atLeast(row) === undefined) return undefined
  const load = Number(row['sent_per_sec']).toFixed(2)
  return `${of}: ${percent(row['share_of_sent'])} were good where ${100 * attain} % are wanted, so a server takes less than this load of ${load} requests/sec: record a lighter one to know how many servers it takes`
}

const gridTable = ({ axes }: GoodputQuestion, rows: Row[], several: boolean): Table => ({
  title: 'goodput over the grid',
  columns: [
    ...(several ? ['run'] : []),
    ...axes.map(({ metric }) => metric.column),
    ...['good', 'sent', 'share_of_sent', 'goodput_per_sec'],
  ],
  rows: rows.map(row => [
    ...run(several, row),
    ...cellLimits(row, axes),
    ...cells(row, ['n_good', 'n_sent', 'share_of_sent', 'goodput']),
  ]),
})

/** Two axes as a matrix of shares, where it is narrow enough. */
function matrixOf({ axes }: GoodputQuestion, rows: Row[], several: boolean): Table | undefined {
  const [down, across] = axes
  if (several || axes.length !== 2 || across!.limits.length > MATRIX_COLUMNS) return undefined
  const shares = new Map(rows.map(row => [cellLimits(row, axes).join(), row['share_of_sent']]))
  return {
    title: `share of the requests sent within both limits: ${down!.metric.column} down, ${across!.metric.column} across`,
    columns: [down!.metric.column, ...across!.limits.map(String)],
    rows: down!.limits.map(limit => [
      limit,
      ...across!.limits.map(other => percent(shares.get(`${limit},${other}`) ?? null)),
    ]),
  }
}

function jsonOf({ slos, axes, solve, capacity }: GoodputQuestion, answer: GoodputAnswer): object {
  const partOf = ({ tier, part }: Row): string =>
    slos.find(slo => slo.tier === tier)!.parts[Number(part)]!.sql
  return {
    slos: slos.map(({ tier, text, sql }) => ({ tier, text, condition: sql })),
    ...(slos.length > 0
      ? {
          tiers: answer.tiers,
          attainment: answer.parts.map(row => ({ ...row, condition: partOf(row) })),
        }
      : {}),
    ...(solve === undefined
      ? {}
      : { solve, tightest_limits: answer.limits.map(row => ({ ...row, condition: partOf(row) })) }),
    ...(capacity === undefined
      ? {}
      : {
          capacity: {
            target_per_sec: capacity.targetPerSec,
            attain: capacity.attain,
            assumption: ASSUMPTION,
            runs: answer.capacity.map(row => {
              const why = whyAtLeast(row, capacity.attain, true)
              return { ...row, ...(why === undefined ? {} : { why }) }
            }),
          },
        }),
    ...(axes.length > 0
      ? {
          grid: answer.grid.map(({ x, y, z, ...row }) => ({
            ...row,
            limits: Object.fromEntries(
              cellLimits({ x: x!, y: y!, z: z! }, axes).map((limit, i) => [
                axes[i]!.metric.column,
                limit,
              ]),
            ),
          })),
        }
      : {}),
  }
}
