// SPDX-License-Identifier: Apache-2.0
// A place to drop files on, which is also a button to choose them.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

export function DropArea(props: {
  /** What the file dialog offers. */
  accept?: string;
  multiple?: boolean;
  disabled?: boolean;
  label: string;
  testId: string;
  take: (files: readonly File[]) => void;
  /** Takes over what was dropped, when more than files may be. */
  takeDropped?: (dropped: DataTransfer) => void;
  children: ComponentChildren;
}): JSX.Element {
  const { accept, multiple = false, disabled = false, label, testId, take, takeDropped } = props;
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const { dataTransfer } = event;
    if (disabled || !dataTransfer) return;
    if (takeDropped) takeDropped(dataTransfer);
    else take([...dataTransfer.files]);
  };
  return (
    <label
      class="drop"
      data-over={over && !disabled}
      aria-disabled={disabled}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" size={24} />
      {props.children}
      <input
        type="file"
        class="visually-hidden"
        accept={accept}
        multiple={multiple}
        disabled={disabled}
        aria-label={label}
        data-testid={testId}
        onChange={({ currentTarget }) => {
          take([...(currentTarget.files ?? [])]);
          // The same file may be chosen again.
          if (multiple) currentTarget.value = '';
        }}
      />
    </label>
  );
}
