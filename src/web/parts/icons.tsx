// The pictures on buttons: 24 × 24, in the colour of the text, silent to screen readers because a word stands beside.

import type { ComponentChildren } from 'preact'

/** Draws `children` as one of them. */
export function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  )
}

export const MicrophoneIcon = () => (
  <Icon>
    <path d="M12 15a4 4 0 0 0 4-4V6a4 4 0 1 0-8 0v5a4 4 0 0 0 4 4z" />
    <path d="M19 10a1 1 0 1 0-2 0v1a5 5 0 0 1-10 0v-1a1 1 0 1 0-2 0v1a7 7 0 0 0 6 6.9V20H9a1 1 0 1 0 0 2h6a1 1 0 1 0 0-2h-2v-2.1a7 7 0 0 0 6-6.9z" />
  </Icon>
)

export const MutedIcon = () => (
  <Icon>
    <path d="M16 11V6a4 4 0 0 0-7.6-1.8L16 11.8zM3.7 2.3a1 1 0 0 0-1.4 1.4l5.7 5.7V11a4 4 0 0 0 5.5 3.7l1.5 1.5A5 5 0 0 1 7 11v-1a1 1 0 1 0-2 0v1a7 7 0 0 0 6 6.9V20H9a1 1 0 1 0 0 2h6a1 1 0 1 0 0-2h-2v-2.1a7 7 0 0 0 3.4-1.3l3.9 3.9a1 1 0 0 0 1.4-1.4zM19 10a1 1 0 1 0-2 0v1a5 5 0 0 1-.2 1.4l1.6 1.6A7 7 0 0 0 19 11z" />
  </Icon>
)

export const OnAirIcon = () => (
  <Icon>
    <circle cx="12" cy="12" r="4" />
    <path d="M5.6 5.6a1 1 0 0 0-1.4-1.4 11 11 0 0 0 0 15.6 1 1 0 0 0 1.4-1.4 9 9 0 0 1 0-12.8zM19.8 4.2a1 1 0 0 0-1.4 1.4 9 9 0 0 1 0 12.8 1 1 0 0 0 1.4 1.4 11 11 0 0 0 0-15.6z" />
  </Icon>
)

export const BackstageIcon = () => (
  <Icon>
    <path d="M4 3h16a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1h-3c0-5-2-9-5-12-3 3-5 7-5 12H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z" />
  </Icon>
)

export const StandingInIcon = () => (
  <Icon>
    <path d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM9 8a1 1 0 0 1 1 1v6a1 1 0 1 1-2 0V9a1 1 0 0 1 1-1zm6 0a1 1 0 0 1 1 1v6a1 1 0 1 1-2 0V9a1 1 0 0 1 1-1z" />
  </Icon>
)

export const WarningIcon = () => (
  <Icon>
    <path d="M12 2.5a1.5 1.5 0 0 1 1.3.75l9 15.5A1.5 1.5 0 0 1 21 21H3a1.5 1.5 0 0 1-1.3-2.25l9-15.5A1.5 1.5 0 0 1 12 2.5zM12 8a1 1 0 0 0-1 1v5a1 1 0 1 0 2 0V9a1 1 0 0 0-1-1zm0 8.2a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4z" />
  </Icon>
)

export const CopyIcon = () => (
  <Icon>
    <path d="M9 2h10a2 2 0 0 1 2 2v11a1 1 0 1 1-2 0V4H9a1 1 0 0 1 0-2zM5 6h9a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2z" />
  </Icon>
)

export const CheckIcon = () => (
  <Icon>
    <path d="M9.5 18.5a1 1 0 0 1-.7-.3l-5-5a1 1 0 0 1 1.4-1.4l4.3 4.3L18.8 6.8a1 1 0 1 1 1.4 1.4l-10 10a1 1 0 0 1-.7.3z" />
  </Icon>
)

export const RemoveIcon = () => (
  <Icon>
    <path d="M10 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zm0 2c-4.5 0-8 2.3-8 5.2V20a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-.8c0-2.9-3.5-5.2-8-5.2zm7-5.5h4a1 1 0 1 1 0 2h-4a1 1 0 1 1 0-2z" />
  </Icon>
)

export const HandIcon = () => (
  <Icon>
    <path d="M13 2a1.5 1.5 0 0 1 1.5 1.5V10h.5V5a1.5 1.5 0 0 1 3 0v6h.5V8a1.25 1.25 0 0 1 2.500 0v7a7 7 0 0 1-7 7h-1a7 7 0 0 1-5.600-2.800l-4.600-6.200a1.600 1.600 0 0 1 2.400-2L8.500 13V5a1.500 1.500 0 0 1 3 0v5h.5V3.500A1.500 1.500 0 0 1 13 2z" />
  </Icon>
)
