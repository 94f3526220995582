/** A part of the page that is computed when it comes near the screen. */
export type View = {
  element: HTMLElement
  load(signal: AbortSignal): Promise<void>
}

export type Told = {
  busy(): void
  /** All that is near the screen is computed. */
  ready(ms: number): void
  failed(view: View, reason: unknown): void
}

export type Viewer = {
  /** Makes all views compute anew; what is under way is given up. */
  again(): void
  /** Lets something else ask first: what is under way is given up, and computed after it. */
  giveWay(other: Promise<unknown>): void
}

/**
 * Computes views, one after another in their order, as they come near the screen. Of millions of requests
 * nothing is computed that nobody looks at.
 */
export function viewer(views: View[], told: Told): Viewer {
  const near = new Set<Element>()
  const done = new Map<View, number>()
  let turn = 0
  let given = new AbortController()
  let other: Promise<unknown> = Promise.resolve()
  let running = false
  // Until it is known what is near the screen.
  let looked = false

  const giveUp = (): void => {
    given.abort()
    given = new AbortController()
  }

  async function pump(): Promise<void> {
    if (running || !looked) return
    running = true
    let started = performance.now()
    let own = -1
    for (;;) {
      await other
      if (own !== turn) started = performance.now()
      own = turn
      const view = views.find(one => near.has(one.element) && done.get(one) !== turn)
      if (!view) break
      told.busy()
      view.element.setAttribute('aria-busy', 'true')
      const { signal } = given
      try {
        await view.load(signal)
      } catch (reason) {
        if (!signal.aborted) told.failed(view, reason)
      }
      if (signal.aborted) continue
      done.set(view, own)
      view.element.removeAttribute('aria-busy')
    }
    running = false
    told.ready(performance.now() - started)
  }

  const nearby = new IntersectionObserver(
    entries => {
      for (const { target, isIntersecting } of entries)
        if (isIntersecting) near.add(target)
        else near.delete(target)
      looked = true
      void pump()
    },
    { rootMargin: '200px' },
  )
  for (const { element } of views) nearby.observe(element)
  return {
    again() {
      turn++
      giveUp()
      void pump()
    },
    giveWay(first) {
      other = first
      giveUp()
    },
  }
}
