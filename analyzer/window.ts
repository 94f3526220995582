import { UserError } from '../schemas/errors.ts'
import { parseDuration } from '../schemas/units.ts'
import { readModels } from './models.ts'
import type { Tapes } from './open-tapes.ts'
import { quoted } from './quoted.ts'
import { trendsOf } from './trends.ts'

export type WindowFlags = { steady?: boolean; from?: string; to?: string }

/** The part of a run that is looked at, half open. */
export type Window = {
  runId: string
  /** Whether it was found, not said. */
  steady: boolean
  /** Since the run's zero. */
  fromNs: number
  toNs: number
  /** First and last send of the whole run. */
  firstNs: number
  lastNs: number
  /** Requests of the profiling phase sent in it, of all that were sent. */
  nInside: number
  nAll: number
}

export const isLimited = ({ steady, from, to }: WindowFlags): boolean =>
  steady === true || from !== undefined || to !== undefined

/**
 * The window of each run: the steady one, or `--from` and `--to` after its first send.
 *
 * @throws UserError where a run has no steady window, or none of its requests was sent in the window
 */
export async function windowsOf(tapes: Tapes, flags: WindowFlags): Promise<Window[]> {
  const { steady, from, to } = flags
  if (steady && (from !== undefined || to !== undefined))
    throw new UserError(
      '--steady: goes not with --from and --to',
      '--steady finds the window itself; --from and --to say it',
    )
  const found = steady ? await steadyWindows(tapes) : await saidWindows(tapes, from, to)
  const windows: Window[] = []
  for (const window of found) {
    const [row] = await tapes.query(`
      select count(*) as n_all, count(*) filter (${inside(window)}) as n_inside
      from requests
      where run_id = ${quoted(window.runId)} and phase = 'profiling' and sent_ns is not null`)
    const nInside = Number(row!['n_inside'])
    if (nInside === 0)
      throw new UserError(
        `${window.runId}: no request was sent in the window`,
        `requests were sent for ${inSeconds(window.lastNs - window.firstNs)} after the first`,
      )
    windows.push({ ...window, nInside, nAll: Number(row!['n_all']) })
  }
  return windows
}

type Bounds = Omit<Window, 'nInside' | 'nAll'>

async function steadyWindows(tapes: Tapes): Promise<Bounds[]> {
  return (await trendsOf(tapes)).map(({ runId, firstNs, lastNs, steady }) => {
    if ('why' in steady)
      throw new UserError(
        `--steady: ${runId} has no steady window: ${steady.why}`,
        'what changes in it: tokentape slices; a window of your own: --from 10s --to 60s',
      )
    return { ...{ runId, firstNs, lastNs, ...steady }, steady: true }
  })
}

async function saidWindows(
  tapes: Tapes,
  from: string | undefined,
  to: string | undefined,
): Promise<Bounds[]> {
  const start = from === undefined ? 0 : parseDuration(from, '--from')
  const stop = to === undefined ? undefined : parseDuration(to, '--to')
  if (stop !== undefined && stop <= start)
    throw new UserError(
      `--to: ${to} is not after --from ${from ?? '0s'}`,
      'for example --from 10s --to 60s',
    )
  const rows = await tapes.query(`
    select run_id, min(sent_ns) as first_ns, max(sent_ns) as last_ns,
      greatest(max(sent_ns), max(end_ns)) as over_ns
    from requests where phase = 'profiling' and sent_ns is not null group by run_id order by run_id`)
  return rows.map(row => {
    const [firstNs, lastNs] = [Number(row['first_ns']), Number(row['last_ns'])]
    // Rates are over the window's length: a window that goes on after the run would have time without a run in it.
    const overNs = Number(row['over_ns']) + 1
    return {
      ...{ runId: String(row['run_id']), steady: false, firstNs, lastNs, fromNs: firstNs + start },
      toNs: stop === undefined ? lastNs + 1 : Math.min(firstNs + stop, overNs),
    }
  })
}

const inside = ({ fromNs, toNs }: Bounds): string => `sent_ns >= ${fromNs} and sent_ns < ${toNs}`

/**
 * Limits the relations to the requests sent in the windows: `requests`, `messages` and all that reads them. The
 * raw layer stays as it was recorded.
 */
export async function limitTo(windows: Window[], tapes: Tapes): Promise<void> {
  const models = readModels()
  const rows = windows.map(
    ({ runId, fromNs, toNs }) =>
      `{run_id: ${quoted(runId)}, from_ns: ${fromNs}::bigint, to_ns: ${toNs}::bigint}`,
  )
  const sqlOf = (name: string): string => models.find(model => model.name === name)!.sql
  await tapes.query(`set variable windows = [${rows.join(', ')}]`)
  await replace('windows', `create table windows as ${sqlOf('windows')}`, tapes)
  await tapes.query('create temp table _under_way as from under_way')
  await replace('under_way', 'create table under_way as from _under_way', tapes)
  await tapes.query('drop table _under_way')
  await tapes.query(`
    create temp table _limited_requests as
    select requests.* from requests join windows using (run_id)
    where requests.phase = 'profiling' and sent_ns >= from_ns and sent_ns < to_ns`)
  await replace('requests', 'create table requests as from _limited_requests', tapes)
  await tapes.query('drop table _limited_requests')
  await replace(
    'messages',
    `create view messages as
     from (${sqlOf('messages')}) as every_message semi join requests using (run_id, request_id)`,
    tapes,
  )
}

/** Puts another relation in the place of a view or a table: those that read it find it by its name. */
async function replace(name: string, create: string, tapes: Tapes): Promise<void> {
  // Naming it makes it, where relations are made on demand.
  await tapes.query(`select 1 from ${name} limit 0`)
  const views = await tapes.query(`select 1 from duckdb_views() where view_name = '${name}'`)
  await tapes.query(`drop ${views.length > 0 ? 'view' : 'table'} ${name}`)
  await tapes.query(create)
}

/** A window in words, for people. */
export const windowText = (window: Window): string =>
  `${window.steady ? 'steady window' : 'window'} of ${window.runId}: ${inSeconds(window.fromNs - window.firstNs)} to ${inSeconds(window.toNs - window.firstNs)} after the first send; ${window.nInside} of ${window.nAll} requests`

/** A window as a value. */
export const windowJson = (window: Window): object => ({
  run_id: window.runId,
  steady: window.steady,
  from_ns: window.fromNs,
  to_ns: window.toNs,
  n_requests: window.nInside,
  n_requests_of_run: window.nAll,
})

const inSeconds = (nanoseconds: number): string => `${(nanoseconds / 1e9).toFixed(3)} s`
