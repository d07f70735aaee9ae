// Reactions as drawings of our own: the same on every device, in two colours that are legible on both grounds.

import type { ReactionKind } from '../../../core/reaction/reactions.ts'

const SVG = 'http://www.w3.org/2000/svg'

interface Drawing {
  /** Filled shapes, in the reaction's own colour. */
  readonly fill: string
  /** Lines on top of them. */
  readonly lines?: string
}

/** In a square of 24. Colours are by class in `page.css`. */
const DRAWINGS: Readonly<Record<ReactionKind, Drawing>> = {
  heart: {
    fill: 'M12 21C5 15.6 2.500 12.400 2.500 8.700A5 5 0 0 1 12 6.600a5 5 0 0 1 9.500 2.100C21.500 12.400 19 15.600 12 21z',
  },
  clap: {
    fill: 'M8.700 6.300a1.400 1.400 0 0 1 2-2l6.300 6.200V8.300a1.500 1.500 0 0 1 3 0v6.900a6.300 6.300 0 0 1-10.800 4.400l-5.400-5.400a1.400 1.400 0 0 1 2-2L4.600 11a1.400 1.400 0 0 1 2-2l.400.400-.700-.700a1.400 1.400 0 0 1 2-2z',
    lines: 'M14.500 3.800V1.600M18 4.900l1.200-1.900M20.600 6.600l2-.900',
  },
  laugh: {
    fill: 'M12 2.500a9.500 9.500 0 1 1 0 19 9.500 9.500 0 0 1 0-19z',
    lines:
      'M7 9.800c.6-1.200 2.200-1.200 2.800 0M14.200 9.800c.6-1.200 2.200-1.200 2.800 0M6.800 13.300h10.400c-.4 3-2.500 4.700-5.200 4.700s-4.800-1.700-5.200-4.700z',
  },
  wonder: {
    fill: 'M12 2.500a9.500 9.500 0 1 1 0 19 9.500 9.500 0 0 1 0-19z',
    lines: 'M8.500 8.700v1.200M15.500 8.700v1.200M12 13.300a2 2.300 0 1 1 0 4.600 2 2.300 0 0 1 0-4.600z',
  },
  agree: {
    fill: 'M3 10.500h3.500V21H3zM8.500 10.600l3.700-7.300c1.500 0 2.600 1.200 2.600 2.700v3.200h4.600a2 2 0 0 1 2 2.400l-1.300 7.200a2.700 2.700 0 0 1-2.700 2.200H8.500z',
  },
}

/** A new drawing of `kind`, which says nothing to assistive technology. */
export function drawReaction(kind: ReactionKind): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('class', `reaction ${kind}`)
  const { fill, lines } = DRAWINGS[kind]
  svg.append(path(fill, 'fill'))
  if (lines !== undefined) svg.append(path(lines, 'lines'))
  return svg
}

function path(data: string, name: string): SVGPathElement {
  const element = document.createElementNS(SVG, 'path')
  element.setAttribute('d', data)
  element.setAttribute('class', name)
  return element
}
