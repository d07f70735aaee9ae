// The dock stays at the foot of the screen, over what lies there. Whoever goes through the page by keyboard must not end
// up behind it (WCAG 2.2, 2.4.11): what gets the focus is scrolled clear of it, however high it is at the moment.

import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** For the dock's element; while it is there, the page keeps its height free when it scrolls. */
export function useClearOfDock(): RefObject<HTMLElement | null> {
  const dock = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const { style } = document.documentElement
    const sizes = new ResizeObserver(([entry]) => {
      const height = entry?.borderBoxSize[0]?.blockSize ?? 0
      style.scrollPaddingBlockEnd = `${Math.ceil(height)}px`
    })
    if (dock.current !== null) sizes.observe(dock.current)
    return () => {
      sizes.disconnect()
      style.scrollPaddingBlockEnd = ''
    }
  }, [])
  return dock
}
