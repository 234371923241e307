// One request to the booth.  A failed connection, a timeout and a 503 leave open whether the booth ran the request;
// every other answer says it.

import { ifMatch, type Command } from './command';
import type { Outcome } from './outbox';
import type { Problem } from './types';
import { syncClock } from './clock';

const API = '/api/v1/';
/** Long, because a slow answer is better than a second request; a new connection aborts requests that hang. */
const ANSWER_MS = 60_000;

type Reply<T> = { ok: true; value: T } | { ok: false; problem: Problem } | { ok: false; problem: null };

export async function request<T>(
  method: string,
  path: string,
  init: {
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;
    timeout_ms?: number;
  } = {},
): Promise<Reply<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), init.timeout_ms ?? ANSWER_MS);
  init.signal?.addEventListener('abort', () => abort.abort());
  const sent = Date.now();
  try {
    const response = await fetch(API + path, {
      method,
      cache: 'no-store',
      signal: abort.signal,
      headers: { ...(init.body !== undefined && { 'Content-Type': 'application/json' }), ...init.headers },
      ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
    });
    syncClock(response.headers.get('Date'), sent, Date.now());
    const text = await response.text();
    const value: unknown = text ? JSON.parse(text) : null;
    if (response.ok) return { ok: true, value: value as T };
    return { ok: false, problem: Object.assign({ status: response.status }, value as Problem) };
  } catch {
    return { ok: false, problem: null };
  } finally {
    clearTimeout(timer);
  }
}

/** True after any answer, also a bad one. */
export async function isReachable(path: string, timeout_ms: number): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout_ms);
  const sent = Date.now();
  try {
    const response = await fetch(path, { cache: 'no-store', signal: abort.signal });
    syncClock(response.headers.get('Date'), sent, Date.now());
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

export async function sendCommand(command: Command, signal: AbortSignal): Promise<Outcome> {
  const match = ifMatch(command);
  const reply = await request<Extract<Outcome, { kind: 'done' }>['answer']>(command.method, command.path, {
    signal,
    ...(command.body && { body: command.body }),
    headers: {
      'Idempotency-Key': command.key,
      'Booth-Epoch': command.booth.epoch,
      ...(match && { 'If-Match': match }),
    },
  });
  if (reply.ok) return { kind: 'done', answer: reply.value };
  const { problem } = reply;
  if (!problem) return { kind: 'unknown' };
  const { status, code, retry_after_s } = problem;
  if (status >= 500) return { kind: 'unknown', ...(retry_after_s && { retry_after_s }) };
  if (status === 429) return { kind: 'unknown', retry_after_s: retry_after_s ?? 5 };
  if (status === 401) return { kind: 'signed_out' };
  if (code === 'other_booth') return { kind: 'other_booth' };
  return { kind: 'refused', problem };
}
