// Pictures on the buttons of those who run the room, like the others in `parts/icons.tsx`.

import { Icon } from '../../parts/icons.tsx'

export const LockIcon = () => (
  <Icon>
    <path d="M12 2a5 5 0 0 0-5 5v3H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-8a2 2 0 0 0-2-2h-1V7a5 5 0 0 0-5-5zm-3 5a3 3 0 1 1 6 0v3H9z" />
  </Icon>
)

export const UnlockIcon = () => (
  <Icon>
    <path d="M12 2a5 5 0 0 0-5 5v3H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-8a2 2 0 0 0-2-2H9V7a3 3 0 0 1 5.8-1 1 1 0 1 0 1.9-.7A5 5 0 0 0 12 2z" />
  </Icon>
)

/** A co-host: a star; outlined, the way back. */
export const CohostIcon = ({ filled }: { readonly filled: boolean }) => (
  <Icon>
    {filled ? (
      <path d="M12 2.5l2.9 6.1 6.6.9-4.8 4.6 1.2 6.6-5.9-3.2-5.9 3.2 1.2-6.6-4.8-4.6 6.6-.9z" />
    ) : (
      <path
        d="M12 3.6l2.5 5.4 5.9.8-4.3 4.1 1.1 5.9-5.2-2.9-5.2 2.9 1.1-5.9-4.3-4.1 5.9-.8z"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linejoin="round"
      />
    )}
  </Icon>
)
