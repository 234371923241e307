// Numbers and times in words.  What differs by language comes as the units of that language.

import type { Estimate, Language } from '../state/types';

interface Units {
  now: string;
  minutes(count: string): string;
  hours(hours: number, minutes: number): string;
  within(minutes: number): string;
}

const HOUR_STYLE_FROM_MIN = 100;

/** "24분": a waiting time. */
export function waited(ms: number, units: Units): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes === 0) return units.now;
  if (minutes < HOUR_STYLE_FROM_MIN) return units.minutes(String(minutes));
  return units.hours(Math.floor(minutes / 60), minutes % 60);
}

/** "6:41", "1:02:03": the time since a call. */
export function stopwatch(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "25–35": minutes without their unit; null below one minute. */
export function range({ low_s, high_s }: Estimate): string | null {
  const [low, high] = [Math.round(low_s / 60), Math.round(high_s / 60)];
  if (high < 1) return null;
  return low === high ? String(high) : `${Math.max(low, 0)}–${high}`;
}

export function estimate(value: Estimate, units: Units): string {
  const minutes = range(value);
  return minutes === null || value.low_s < 60
    ? units.within(Math.max(1, Math.round(value.high_s / 60)))
    : units.minutes(minutes);
}

/** "1,204": a count. Numbers of tickets are names and not written like this. */
export function count(value: number, language: Language): string {
  return value.toLocaleString(language);
}

export function clockTime(at: string | number, language: Language): string {
  return timeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));
}

/** "9월 10일": a business day, which has no time zone. */
export function dayName(day: string, language: Language): string {
  return timeFormat(language, { month: 'long', day: 'numeric', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Cached, because making one takes a millisecond on a phone and a list needs hundreds. */
function timeFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, format);
  return format;
}
