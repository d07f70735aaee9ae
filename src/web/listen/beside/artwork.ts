// The house's mark as a picture for lock screens, which take no SVG. Drawn here, so that no listener downloads it.

const SIDE_PX = 512
const MARGIN_PX = 88
const COLOURS = { ground: '#f6f4fb', mark: '#4b4dc4', voice: '#e0901f' } as const

/** A PNG as a data URL; undefined where it cannot be drawn. */
export async function drawArtwork(mark: SVGElement | null): Promise<string | undefined> {
  if (mark === null) return undefined
  try {
    const svg = mark.cloneNode(true) as SVGElement
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    svg.setAttribute('width', String(SIDE_PX))
    svg.setAttribute('height', String(SIDE_PX))
    const text = new XMLSerializer()
      .serializeToString(svg)
      .replaceAll('currentColor', COLOURS.mark)
      .replaceAll('var(--voice)', COLOURS.voice)
    const image = new Image()
    image.src = `data:image/svg+xml,${encodeURIComponent(text)}`
    await image.decode()
    return paint(image)
  } catch {
    // A lock screen without a picture is one all the same.
    return undefined
  }
}

function paint(image: HTMLImageElement): string | undefined {
  const canvas = document.createElement('canvas')
  canvas.width = SIDE_PX
  canvas.height = SIDE_PX
  const context = canvas.getContext('2d')
  if (context === null) return undefined
  context.fillStyle = COLOURS.ground
  context.fillRect(0, 0, SIDE_PX, SIDE_PX)
  const side = SIDE_PX - 2 * MARGIN_PX
  context.drawImage(image, MARGIN_PX, MARGIN_PX, side, side)
  return canvas.toDataURL('image/png')
}
