// Asks before somebody is taken off the stage: for now, or so that they stay away, as far as that can be seen to.

import { useState } from 'preact/hooks'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { words } from './messages.en.ts'
import type { RemovalChoice } from './room-desk.ts'

const text = words.room

export function RemoveDialog(props: {
  readonly name: string
  onRemove(choice: RemovalChoice): void
  onClose(): void
}) {
  const [block, setBlock] = useState(false)
  const [renew, setRenew] = useState(true)
  return (
    <ConfirmDialog
      id="remove"
      title={words.host.removeTitle(props.name)}
      body={words.host.removeBody}
      confirm={block ? text.removeAndBlock : words.host.removeConfirm}
      cancel={words.host.cancel}
      onConfirm={() => props.onRemove({ block, renew: block && renew })}
      onClose={props.onClose}
    >
      <div class="remove-choices">
        <label class="check">
          <input
            id="block"
            type="checkbox"
            checked={block}
            onChange={(event) => setBlock(event.currentTarget.checked)}
          />
          <span>{text.block}</span>
        </label>
        {block && (
          <>
            <p class="hint">{text.blockBody}</p>
            <label class="check">
              <input
                id="renew"
                type="checkbox"
                checked={renew}
                onChange={(event) => setRenew(event.currentTarget.checked)}
              />
              <span>{text.renew}</span>
            </label>
          </>
        )}
      </div>
    </ConfirmDialog>
  )
}
