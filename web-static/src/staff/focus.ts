// Where the focus goes when its element disappears, because another phone called that guest or the button did its work:
// to the row that is now in the same place, else to the call button, never to the top of the page.

import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

export function useFocusRecovery(root: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = root.current!;
    let last: HTMLElement | null = null;
    let index = -1;
    const rememberIndex = () => {
      const row = last!.closest('.row');
      index = row ? indexOf(row) : -1;
    };
    const onFocus = (event: FocusEvent) => {
      last = event.target as HTMLElement;
      rememberIndex();
    };
    const recover = () => {
      if (last?.isConnected) return rememberIndex();
      if (!last || document.activeElement !== document.body) return;
      const rows = element.querySelectorAll<HTMLElement>('.row button.head');
      const heads = index < 0 ? [] : [...rows];
      const row = heads.find((head) => indexOf(head.closest('.row')!) >= index) ?? heads.pop();
      (row ?? element.querySelector<HTMLElement>('.call') ?? element.querySelector<HTMLElement>('button'))?.focus({
        preventScroll: true,
      });
    };
    const observer = new MutationObserver(recover);
    element.addEventListener('focusin', onFocus);
    observer.observe(element, { childList: true, subtree: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('focusin', onFocus);
    };
  }, [root]);
}

/** A long list is in the page in part only; then its rows carry their position. */
function indexOf(row: Element): number {
  const position = row.getAttribute('aria-posinset');
  return position ? Number(position) - 1 : [...row.parentElement!.children].indexOf(row);
}
