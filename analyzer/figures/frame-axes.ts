import type { EChartsCoreOption } from 'echarts/core'
import type { Context } from './figure.ts'
import type { Frame } from './frame.ts'
import { numbers } from './frame.ts'

const COUNT = new Intl.NumberFormat('en-US')
const SHORT = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 })

/** Narrower than this a figure is on a phone, pixels. */
export const NARROW = 600

/** `12,345`. */
export const counted = (n: number): string => COUNT.format(n)
/** A number on an axis or in a hover text, four digits. */
export const short = (value: unknown): string =>
  typeof value === 'number' && Number.isFinite(value) ? SHORT.format(value) : '-'

/** How many rows a frame has of the runs that are shown. */
export function nShown(frame: Frame, { runs }: Context): number {
  let n = 0
  for (const place of numbers(frame, 'run')) if (runs[place]?.shown) n++
  return n
}

/** The runs that are shown, with their colours. */
export const shownRuns = ({ runs, theme }: Context) =>
  runs
    .map(({ label, shown }, place) => ({
      label,
      shown,
      place,
      color: theme.series[place % theme.series.length]!,
    }))
    .filter(({ shown }) => shown)

export type Axis = { [option: string]: unknown }

/** An axis with its unit. */
export const axis = ({ theme }: Context, name: string, more: Axis = {}): Axis => ({
  type: 'value',
  name,
  nameLocation: 'middle',
  nameGap: 30,
  nameTextStyle: { color: theme.faint },
  axisLabel: { color: theme.faint, hideOverlap: true, formatter: short },
  axisLine: { show: true, lineStyle: { color: theme.line } },
  splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
  ...more,
})

/** Where an axis of time begins: with the run, unless only a later part of it is shown. */
export const fromStart = ({ min, max }: { min: number; max: number }): number =>
  min < 0.3 * max ? 0 : min

/** An axis that begins where the values do; where all are the same but for their last digits, with 0. */
export const aroundValues = {
  scale: true,
  min: ({ min, max }: { min: number; max: number }): number | null =>
    max - min <= 1e-6 * Math.abs(max) ? Math.min(0, max) : null,
}

/** A vertical axis: its name stands along it. */
export const upright = (context: Context, name: string, more: Axis = {}): Axis =>
  axis(context, name, { nameGap: 52, ...more })

/** What every figure has: title, room for the axes, no animation, and hover texts that are never HTML. */
export const plain = (context: Context, title: string, legend: boolean): EChartsCoreOption => ({
  animation: false,
  backgroundColor: context.theme.background,
  color: context.theme.series,
  textStyle: { fontFamily: 'system-ui, sans-serif' },
  title: {
    text: title,
    left: 8,
    top: 6,
    textStyle: {
      color: context.theme.text,
      fontSize: context.width < NARROW ? 12 : 14,
      fontWeight: 600,
      width: context.width - 24,
      overflow: 'break',
    },
  },
  legend: {
    show: legend,
    top: 30,
    left: 8,
    type: 'scroll',
    textStyle: { color: context.theme.text },
    pageTextStyle: { color: context.theme.text },
  },
  grid: { left: 74, right: 24, top: legend ? 66 : 48, bottom: 50 },
  tooltip: {
    renderMode: 'richText',
    confine: true,
    backgroundColor: context.theme.background,
    borderColor: context.theme.line,
    textStyle: { color: context.theme.text, fontSize: 12 },
  },
})

/** Zooming along time: wheel, pinch and a brush; the rows outside stay, so that lines reach the edge. */
export const zoomable = (context: Context): EChartsCoreOption => ({
  dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: 'none', zoomOnMouseWheel: 'ctrl' }],
  toolbox: {
    right: 12,
    top: 4,
    itemSize: 14,
    iconStyle: { borderColor: context.theme.faint },
    feature: {
      dataZoom: { yAxisIndex: 'none', title: { zoom: 'zoom to a span', back: 'back' } },
      restore: { title: 'whole run' },
    },
  },
})

/** What lines over the seconds of a run share: zoom, a pointer that reads off the second, both axes. */
export const overSeconds = (
  context: Context,
  plot: EChartsCoreOption,
  unit: string,
): EChartsCoreOption => ({
  ...zoomable(context),
  tooltip: {
    ...(plot['tooltip'] as object),
    trigger: 'axis',
    axisPointer: {
      label: { formatter: ({ value }: { value: number }) => `${short(value)} s` },
    },
  },
  xAxis: axis(context, 's since the first send', { min: fromStart }),
  yAxis: upright(context, unit, { min: 0 }),
})
