// Where the focus goes when the element that had it is gone: a row that another phone called, a button that did its work.
// To the row now in that place, or else to the call button; never to the top of the page.

import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

export function useKeptFocus(root: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = root.current!;
    let last: HTMLElement | null = null;
    let place = -1;
    const remember = () => {
      const row = last!.closest('.row');
      place = row ? placeOf(row) : -1;
    };
    const note = (event: FocusEvent) => {
      last = event.target as HTMLElement;
      remember();
    };
    const mend = () => {
      if (last?.isConnected) return remember();
      if (!last || document.activeElement !== document.body) return;
      const rows = element.querySelectorAll<HTMLElement>('.row button.head');
      const heads = place < 0 ? [] : [...rows];
      const row = heads.find((head) => placeOf(head.closest('.row')!) >= place) ?? heads.pop();
      (row ?? element.querySelector<HTMLElement>('.call') ?? element.querySelector<HTMLElement>('button'))?.focus({
        preventScroll: true,
      });
    };
    const watch = new MutationObserver(mend);
    element.addEventListener('focusin', note);
    watch.observe(element, { childList: true, subtree: true });
    return () => {
      watch.disconnect();
      element.removeEventListener('focusin', note);
    };
  }, []);
}

/** Of a long list only a part is in the page; its rows say which. */
function placeOf(row: Element): number {
  const said = row.getAttribute('aria-posinset');
  return said ? Number(said) - 1 : [...row.parentElement!.children].indexOf(row);
}
