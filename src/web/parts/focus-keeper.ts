// Where the focus goes when what had it is gone. A button that has done its work often leaves the page, or is shut for
// a while; the focus then falls to the whole document, and who has no pointer, or listens to the page, begins again at
// the top. It goes to the nearest thing round it that is still there instead; and back, if it was only shut.

/** What the focus may go to: things that say, to who hears the page, where one is. */
const PLACES = 'dialog, [role="dialog"], form, section, [role="group"], li, main'

/** Lives as long as the page. */
export function keepFocus(root: HTMLElement = document.documentElement): void {
  let last: HTMLElement | undefined
  /** From the inside out: once an element has been taken out of the page, its way up is lost. */
  let places: readonly HTMLElement[] = []
  /** Where the focus was put while `last` was shut. */
  let stopgap: HTMLElement | undefined

  root.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement) || target === stopgap) return
    last = target
    stopgap = undefined
    places = placesRound(target)
  })
  const look = () => {
    if (last === undefined) return
    const { activeElement } = document
    if (stopgap !== undefined && activeElement === stopgap && isReachable(last)) last.focus()
    // An element that has just been hidden or shut still counts as active, until the next frame.
    const isLost = activeElement === document.body || (activeElement === last && !isReachable(last))
    if (!isLost || isReachable(last)) return
    const place = places.find(isReachable)
    if (place === undefined) return
    stopgap = place
    if (!place.hasAttribute('tabindex')) place.tabIndex = -1
    place.focus({ preventScroll: true })
  }
  new MutationObserver(look).observe(root, {
    subtree: true,
    childList: true,
    attributeFilter: ['hidden', 'disabled', 'inert', 'data-state'],
  })
}

function placesRound(element: HTMLElement): readonly HTMLElement[] {
  const found: HTMLElement[] = []
  let place = element.parentElement?.closest<HTMLElement>(PLACES)
  while (place) {
    found.push(place)
    place = place.parentElement?.closest<HTMLElement>(PLACES)
  }
  return found
}

function isReachable(element: HTMLElement): boolean {
  return (
    element.isConnected &&
    !element.matches(':disabled') &&
    element.closest('[inert]') === null &&
    element.checkVisibility({ visibilityProperty: true })
  )
}
