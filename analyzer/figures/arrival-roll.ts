import { graphic } from 'echarts/core'
import type { Figure } from './figure.ts'
import { type Frame, numbers, ofRun, texts } from './frame.ts'
import {
  axis,
  counted,
  fromStart,
  plain,
  short,
  shownRuns,
  upright,
  zoomable,
} from './frame-axes.ts'

/** Ticks nearer than this are drawn as one. */
const LEAST_PIXELS = 1

type Shape = { ticks: number[]; top: number; bottom: number }
type Pen = { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }

/** All ticks of one request as one shape: a request of a thousand tokens is one element. */
const Ticks = graphic.extendShape({
  shape: { ticks: [], top: 0, bottom: 0 },
  buildPath(pen: Pen, { ticks, top, bottom }: Shape) {
    for (const x of ticks) {
      pen.moveTo(x, top)
      pen.lineTo(x, bottom)
    }
  },
})
graphic.registerShape('ticks', Ticks)

type Api = {
  coord(at: [number, number]): [number, number]
  size(by: [number, number]): [number, number]
}
type Params = { dataIndex: number; coordSys: { x: number; width: number } }

/** One line a request, a tick a message: the whole run at a glance. */
export const arrivalRoll: Figure = {
  title: () => 'Arrival roll',
  caption:
    'One line a request, in the order of sending. Grey: due, but not yet sent. Pale: sent, waiting for the first token. Each tick: tokens arriving. A gap in one line is a stall; a gap through all lines at once is the server standing still. Crosses: failed.',
  perMetric: false,
  height: () => 480,
  frames: ({ nMost }) => ({
    lines: `select run_id, request_id, place, n_sent, outcome, scheduled_ms, sent_ms, first_ms, last_ms, end_ms, input_tokens, output_tokens
            from roll_requests(${nMost})`,
    ticks: `select run_id, place, at_ms from roll_ticks(${nMost})`,
  }),
  option({ lines, ticks }, context) {
    const [run] = shownRuns(context)
    const frame = ofRun(lines!, run?.place ?? 0)
    const at = ticksOf(ofRun(ticks!, run?.place ?? 0), frame)
    const [id, scheduled, sent, first, last, end] = [
      'request_id',
      'scheduled_ms',
      'sent_ms',
      'first_ms',
      'last_ms',
      'end_ms',
    ].map(name => numbers(frame, name))
    const outcome = texts(frame, 'outcome')
    const [nIn, nOut] = [numbers(frame, 'input_tokens'), numbers(frame, 'output_tokens')]
    const whose = context.runs.length > 1 && run ? ` of ${run.label}` : ''
    const nSent = frame.n > 0 ? numbers(frame, 'n_sent')[0]! : 0
    const { series, faint } = context.theme

    const renderItem = (params: Params, api: Api) => {
      const row = params.dataIndex
      const [left, right] = [params.coordSys.x, params.coordSys.x + params.coordSys.width]
      const x = (ms: number): number => api.coord([ms / 1000, row])[0]
      const inside = (value: number): number => Math.min(right, Math.max(left, value))
      const y = api.coord([0, row])[1]
      const high = Math.max(1, Math.min(12, api.size([0, 1])[1] * 0.8))
      const bar = (from: number, to: number, fill: string, opacity: number, thick: number) => ({
        type: 'rect',
        shape: {
          x: inside(x(from)),
          y: y - thick / 2,
          width: Math.max(0.5, inside(x(to)) - inside(x(from))),
          height: thick,
        },
        style: { fill, opacity },
      })
      const children: object[] = []
      const due = scheduled![row]!
      if (due < sent![row]!) children.push(bar(due, sent![row]!, faint, 0.35, high * 0.6))
      const answered = Number.isNaN(first![row]!) ? end![row]! : first![row]!
      children.push(bar(sent![row]!, answered, series[1]!, 0.3, high * 0.6))
      if (!Number.isNaN(first![row]!))
        children.push(bar(first![row]!, last![row]!, series[0]!, 0.15, high * 0.6))
      const seen = visible(at[row]!, x, left, right)
      if (seen.length > 0)
        children.push({
          type: 'ticks',
          shape: { ticks: seen, top: y - high / 2, bottom: y + high / 2 },
          style: { stroke: series[0], lineWidth: 1, fill: null },
        })
      if (outcome[row] !== 'ok' && x(end![row]!) >= left && x(end![row]!) <= right)
        children.push({
          type: 'text',
          style: {
            text: '×',
            x: x(end![row]!),
            y,
            fill: series[1],
            fontSize: Math.max(10, high * 1.4),
            align: 'center',
            verticalAlign: 'middle',
          },
        })
      return { type: 'group', children }
    }

    const most = Math.max(0, ...end!.filter(value => !Number.isNaN(value))) / 1000
    const plot = plain(
      context,
      `Arrival roll${whose}, n = ${counted(frame.n)} of ${counted(nSent)} requests`,
      false,
    )
    const zoom = zoomable(context)
    return {
      ...plot,
      ...zoom,
      dataZoom: [
        ...(zoom['dataZoom'] as object[]),
        { type: 'inside', yAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'shift' },
      ],
      xAxis: axis(context, 's since the first send', {
        min: fromStart,
        max: most,
        axisLabel: { color: faint, hideOverlap: true, formatter: short, showMaxLabel: false },
      }),
      yAxis: upright(context, 'request, in the order of sending', {
        inverse: true,
        min: -0.5,
        max: Math.max(0.5, frame.n - 0.5),
        splitLine: { show: false },
        minInterval: 1,
        axisLabel: {
          color: faint,
          formatter: (row: number) =>
            Number.isInteger(row) && row >= 0 && row < frame.n ? counted(id![row]!) : '',
        },
      }),
      series: [
        {
          type: 'custom',
          clip: true,
          progressive: 0,
          renderItem,
          dimensions: ['from', 'row', 'to'],
          encode: { x: [0, 2], y: 1 },
          data: Array.from(sent!, (from, row) => [from / 1000, row, end![row]! / 1000]),
          tooltip: {
            formatter: ({ dataIndex: row }: { dataIndex: number }) =>
              [
                `request ${id![row]}: ${outcome[row]}`,
                `sent at ${short(sent![row]! / 1000)} s`,
                Number.isNaN(scheduled![row]!)
                  ? ''
                  : `waited ${short(sent![row]! - scheduled![row]!)} ms to be sent`,
                `first token after ${short(first![row]! - sent![row]!)} ms`,
                `last token after ${short(last![row]! - sent![row]!)} ms`,
                `${short(nIn[row])} tokens in, ${short(nOut[row])} out, in ${counted(at[row]!.length)} messages`,
                `longest gap ${short(longestGap(at[row]!))} ms`,
              ]
                .filter(words => words !== '')
                .join('\n'),
          },
        },
      ],
    }
  },
}

/** The instants of the ticks of each line, ms. */
function ticksOf(ticks: Frame, lines: Frame): Float64Array[] {
  const place = numbers(ticks, 'place')
  const at = numbers(ticks, 'at_ms')
  const found: Float64Array[] = []
  let from = 0
  for (const own of numbers(lines, 'place')) {
    while (from < place.length && place[from]! < own) from++
    let to = from
    while (to < place.length && place[to] === own) to++
    found.push(at.subarray(from, to))
    from = to
  }
  return found
}

function visible(
  at: Float64Array,
  x: (ms: number) => number,
  left: number,
  right: number,
): number[] {
  const seen: number[] = []
  for (const ms of at) {
    const pixel = x(ms)
    if (pixel < left || pixel > right) continue
    if (seen.length > 0 && pixel - seen.at(-1)! < LEAST_PIXELS) continue
    seen.push(pixel)
  }
  return seen
}

const longestGap = (at: Float64Array): number => {
  let longest = Number.NaN
  for (let i = 1; i < at.length; i++) {
    const gap = at[i]! - at[i - 1]!
    if (!(gap <= longest)) longest = gap
  }
  return longest
}
