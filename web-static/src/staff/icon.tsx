// Icons.  Beside a word an icon is hidden from screen readers; without one it has a label.

const PATHS = {
  device: 'M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15A1.5 1.5 0 0 1 8 3M11 18h2',
  people: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M5 20c0-4 3-6 7-6s7 2 7 6',
  plus: 'M12 5v14M5 12h14',
  search: 'M15.2 15.2 20.5 20.5M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13',
  phone: 'M6 3h3l2 5-2.5 1.5a12 12 0 0 0 6 6L16 13l5 2v3a3 3 0 0 1-3 3A16 16 0 0 1 3 6a3 3 0 0 1 3-3',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6 6 18',
  undo: 'M9 5 4 10l5 5M4 10h10.5a4.75 4.75 0 0 1 0 9.5H11',
  pause: 'M8 5v14M16 5v14',
  warning: 'M12 3 2 20h20zM12 10v4M12 17.2v.1',
  up: 'M12 19V5M6 11l6-6 6 6',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5l3 2',
  down: 'm6 9 6 6 6-6',
  slashed: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M6.5 6.5l11 11',
};

export type IconName = keyof typeof PATHS;

export function Icon({ name, label }: { name: IconName; label?: string }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
