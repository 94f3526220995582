import { expect, test } from 'vitest'
import { liveView, sparkline } from '../../recorder/live-view.ts'
import type { Progress } from '../../recorder/progress.ts'

const progress = (over: Partial<Progress> = {}): Progress => ({
  total: 100,
  done: 25,
  failed: 0,
  inFlight: 4,
  messagesPerSecond: 1234,
  elapsedMs: 10_000,
  durationMs: null,
  ttftMs: 50,
  gapMs: 5,
  lateMs: 0.05,
  failures: {},
  ...over,
})

const MOVES = new RegExp(
  [
    '\\u001b\\[(\\d+)A',
    '(\\u001b\\[J)',
    '(\\n)',
    '(\\u001b\\[2K)',
    '(\\r)',
    '([^\\r\\n\\u001b]+)',
  ].join('|'),
  'g',
)

/** What stands on a terminal of which the cursor moves are obeyed. */
function screenOf(text: string): string[] {
  let lines: string[] = ['']
  let row = 0
  for (const [, up, erase, down, line, cr, words] of text.matchAll(MOVES)) {
    if (up) row -= Number(up)
    else if (erase) lines = lines.slice(0, row + 1)
    else if (down) lines[++row] ??= ''
    else if (line) lines[row] = ''
    else if (!cr) lines[row] += words ?? ''
  }
  return lines
}

function view(width = 80, colour = false) {
  let text = ''
  const live = liveView(
    written => {
      text += written
    },
    () => width,
    colour,
  )
  return { ...live, text: () => text, screen: () => screenOf(text) }
}

test('a sparkline is between nothing and the greatest value, with gaps where there was none', () => {
  expect(sparkline([0, 4, 8, Number.NaN, 1])).toBe('▁▅█ ▂')
  expect(sparkline([0, 0])).toBe('▁▁')
  expect(sparkline([])).toBe('')
})

test('it is drawn in place, also when it grows and shrinks, and ends as one line', () => {
  const live = view()
  live.show(progress())
  live.show(progress({ done: 50, failed: 2, failures: { timeout: 2, http_error: 0 } }))
  expect(live.screen()).toHaveLength(6)
  expect(live.screen()[0]).toContain('52/100 requests')
  expect(live.screen()[1]).toContain('52 %')
  expect(live.screen()[5]).toBe('failed timeout 2')
  live.show(progress({ done: 60, failed: 0 }))
  expect(live.screen()).toHaveLength(5)
  live.end(progress({ done: 100 }))
  expect(live.screen()).toEqual([expect.stringContaining('100/100 requests'), ''])
})

test('a line that is said stands above what is drawn', () => {
  const live = view()
  live.show(progress())
  live.say('note: a word')
  live.show(progress())
  expect(live.screen()[0]).toBe('note: a word')
  expect(live.screen()[1]).toContain('25/100 requests')
  expect(live.screen()).toHaveLength(6)
})

test('the share done is that of what ends the run first; unknown is not drawn', () => {
  const live = view()
  live.show(progress({ durationMs: 20_000 }))
  expect(live.screen()[1]).toMatch(/ 50 % {2}about .*10/)
  const open = view()
  open.show(progress({ total: null, durationMs: null }))
  expect(open.text()).not.toContain('%')
})

test('no line is wider than the terminal, what has not come is a dash', () => {
  const live = view(30)
  for (let i = 0; i < 60; i++) live.show(progress({ ttftMs: i === 59 ? Number.NaN : i }))
  for (const line of live.screen()) expect([...line].length).toBeLessThan(30)
  expect(live.screen()[2]).toMatch(/^ttft +- /)
})

test('colour is for failures, and only where it is wanted', () => {
  const failed = progress({ failed: 1, failures: { timeout: 1 } })
  const [plain, coloured] = [view(80, false), view(80, true)]
  for (const live of [plain, coloured]) live.show(failed)
  expect(plain.text()).not.toContain('\u001b[31m')
  expect(coloured.text()).toContain('\u001b[31mfailed timeout 1')
})
