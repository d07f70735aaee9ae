// A switch whose state is the server's: what was pressed shows at once, and gives way when the server does not follow.

import { useEffect, useState } from 'preact/hooks'

/** For so long a press shows that the server has not confirmed. */
const CONFIRMED_WITHIN_MS = 3_000

/** What to show for `actual`, and how to say what is wanted instead. */
export function useWanted(actual: boolean): readonly [shown: boolean, want: (value: boolean) => void] {
  const [wanted, want] = useState<boolean | undefined>(undefined)
  useEffect(() => {
    if (wanted === undefined) return
    if (wanted === actual) return want(undefined)
    const timer = setTimeout(() => want(undefined), CONFIRMED_WITHIN_MS)
    return () => clearTimeout(timer)
  }, [wanted, actual])
  return [wanted ?? actual, want]
}
