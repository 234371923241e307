// A sheet from the bottom edge, over everything.  <dialog> gives the rest: focus stays inside, Escape closes, focus
// goes back to what opened it.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export function Sheet({ title, onClose, children }: { title: string; onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close(); // what only goes away gives the focus to nobody
  }, []);
  const onClick = (event: MouseEvent) => event.target === dialog.current && onClose();
  const onCancel = (event: Event) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog class="sheet" ref={dialog} aria-labelledby="sheet-title" onClick={onClick} onCancel={onCancel}>
      <div class="sheet-content">
        <h2 id="sheet-title" tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
    </dialog>
  );
}
