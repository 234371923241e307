// Where the focus goes when the element that had it is gone: a row that another phone called, a button that did its work.
// To the row now in that place, or else to the call button; never to the top of the page.

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

/** Of a long list only a part is in the page; its rows say which. */
function indexOf(row: Element): number {
  const position = row.getAttribute('aria-posinset');
  return position ? Number(position) - 1 : [...row.parentElement!.children].indexOf(row);
}
