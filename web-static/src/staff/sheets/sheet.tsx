// A sheet that covers the page from the bottom edge.  <dialog> does the rest: the focus stays inside, Escape closes it,
// and the focus returns to the element that opened it.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export function Sheet({ title, onClose, children }: { title: string; onClose(): void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close(); // a dialog that is only removed does not return the focus
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
