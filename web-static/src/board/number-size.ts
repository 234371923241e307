// How large a ticket's number can be drawn: its width is estimated from its characters.

const CHARACTER_WIDTHS: [RegExp, number][] = [
  [/\d/, 0.57],
  [/-/, 0.36],
  [/[A-Za-z]/, 0.66],
];
const HANGUL_WIDTH = 0.95;

/** The widest number that fits each step of size, in ems of a bold face. */
const STEP_WIDTHS = [1.75, 2.4, 3.1, 4.4];

/** 0 for "123", 1 for "A-12", and so on: the higher the step, the smaller the number is drawn. */
export function numberStep(number: string): number {
  const width = [...number].reduce(
    (sum, char) => sum + (CHARACTER_WIDTHS.find(([kind]) => kind.test(char))?.[1] ?? HANGUL_WIDTH),
    0,
  );
  const step = STEP_WIDTHS.findIndex((room) => width <= room);
  return step < 0 ? STEP_WIDTHS.length : step;
}
