// Asks before somebody is taken off the stage: for now, or so that they stay away, as far as that can be seen to.

import { useState } from 'preact/hooks'
import { CheckBox } from '../../parts/check-box.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { words } from '../messages.en.ts'
import { roomWords } from './messages.en.ts'
import type { RemovalChoice } from './room-desk.ts'

const text = roomWords

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
        <CheckBox id="block" checked={block} onChange={setBlock}>
          {text.block}
        </CheckBox>
        {block && (
          <>
            <p class="hint">{text.blockBody}</p>
            <CheckBox id="renew" checked={renew} onChange={setRenew}>
              {text.renew}
            </CheckBox>
          </>
        )}
      </div>
    </ConfirmDialog>
  )
}
