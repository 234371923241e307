// The sheets about a guest: a new one in one tap, and the same fields to edit later.

import { useRef, useState } from 'preact/hooks';
import type { Guest } from '../../state/command';
import type { Line, Ticket } from '../../state/types';
import { Sheet } from './sheet';
import { t } from '../text';

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8];
const FIRST_LARGE_SIZE = 9;
const MAX_SIZE = 99;

const FIELDS = [
  { name: 'name', label: () => t.name, limit: 100, mode: 'text' },
  { name: 'phone', label: () => t.phoneNumber, limit: 32, mode: 'tel' },
  { name: 'note', label: () => t.note, limit: 300, mode: 'text' },
] as const;
type Field = (typeof FIELDS)[number];
type FieldTexts = Partial<Record<Field['name'], string>>;

export function AddSheet({
  lines,
  line,
  onAdd,
  onClose,
}: {
  lines: Line[];
  line: string | null;
  onAdd(guest: Guest): void;
  onClose(): void;
}) {
  const [chosen, setChosen] = useState(line ?? lines[0]!.id);
  const [fields, setFields] = useState<Field['name'][]>([]);
  const [texts, setTexts] = useState<FieldTexts>({});
  const [largeSize, setLargeSize] = useState<number | null>(null);
  const add = (party_size: number) => {
    const filled = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim()));
    onAdd({ party_size, ...filled, ...(lines.length > 1 && { line: chosen }) });
  };
  return (
    <Sheet title={t.addTitle} onClose={onClose}>
      {lines.length > 1 && (
        <div class="buttons" role="group" aria-label={t.line}>
          {lines.map(({ id, name }) => (
            <button key={id} class="btn" aria-pressed={id === chosen} onClick={() => setChosen(id)}>
              {name}
            </button>
          ))}
        </div>
      )}
      {fields.length < FIELDS.length && (
        <div class="buttons">
          {FIELDS.filter(({ name }) => !fields.includes(name)).map(({ name, label }) => (
            <button key={name} class="btn" onClick={() => setFields([...fields, name])}>
              {t.addField(label())}
            </button>
          ))}
        </div>
      )}
      {FIELDS.filter(({ name }) => fields.includes(name)).map((field) => (
        <TextField
          key={field.name}
          field={field}
          value={texts[field.name] ?? ''}
          focus
          onText={(text) => setTexts({ ...texts, [field.name]: text })}
        />
      ))}
      {largeSize === null ? (
        <>
          <div class="sizes">
            {SIZES.map((size) => (
              <button key={size} onClick={() => add(size)}>
                {size}
                <span class="sr-only">{t.peopleUnit || ` ${t.people}`}</span>
              </button>
            ))}
          </div>
          <div class="buttons">
            <button class="btn" onClick={onClose}>
              {t.close}
            </button>
            <button class="btn" onClick={() => setLargeSize(FIRST_LARGE_SIZE)}>
              {t.addMore}
            </button>
          </div>
        </>
      ) : (
        <>
          <Stepper value={largeSize} onValue={setLargeSize} />
          <div class="buttons">
            <button class="btn" onClick={onClose}>
              {t.close}
            </button>
            <button class="btn primary" onClick={() => add(largeSize)}>
              {t.addGuest}
            </button>
          </div>
        </>
      )}
    </Sheet>
  );
}

export function EditSheet({
  ticket,
  onSave,
  onClose,
}: {
  ticket: Ticket;
  onSave(changes: Record<string, unknown>): void;
  onClose(): void;
}) {
  const [size, setSize] = useState(ticket.party_size);
  const [texts, setTexts] = useState<FieldTexts>({});
  const save = (event: Event) => {
    event.preventDefault();
    const edited: [string, string | number | null][] = [
      ...Object.entries(texts).map(([name, text]): [string, string | null] => [name, text.trim() || null]),
      ['party_size', size],
    ];
    const changes = Object.fromEntries(edited.filter(([name, value]) => ticket[name as keyof Ticket] !== value));
    if (Object.keys(changes).length > 0) onSave(changes);
    else onClose();
  };
  return (
    <Sheet title={t.editTitle(ticket.number)} onClose={onClose}>
      <form class="form" onSubmit={save}>
        <Stepper value={size} onValue={setSize} />
        {FIELDS.map((field) => (
          <TextField
            key={field.name}
            field={field}
            value={texts[field.name] ?? ticket[field.name] ?? ''}
            onText={(text) => setTexts({ ...texts, [field.name]: text })}
          />
        ))}
        <div class="buttons">
          <button type="button" class="btn" onClick={onClose}>
            {t.close}
          </button>
          <button class="btn primary">{t.save}</button>
        </div>
      </form>
    </Sheet>
  );
}

function TextField({
  field,
  value,
  focus,
  onText,
}: {
  field: Field;
  value: string;
  focus?: boolean;
  onText(text: string): void;
}) {
  const focused = useRef(false);
  const ref = (input: HTMLInputElement | null) => {
    if (!input || focused.current || !focus) return;
    focused.current = true;
    input.focus();
  };
  return (
    <label class="btn field">
      <span>{field.label()}</span>
      <input
        ref={ref}
        name={field.name}
        inputMode={field.mode}
        maxLength={field.limit}
        value={value}
        autoComplete="off"
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}

function Stepper({ value, onValue }: { value: number; onValue(value: number): void }) {
  const set = (next: number) => onValue(Math.min(MAX_SIZE, Math.max(1, next || 1)));
  return (
    <div class="buttons stepper" role="group" aria-label={t.partySize}>
      <button type="button" class="btn" aria-label={t.fewer} onClick={() => set(value - 1)}>
        −
      </button>
      <input
        class="btn"
        aria-label={t.partySize}
        inputMode="numeric"
        maxLength={2}
        value={value}
        onFocus={(event) => event.currentTarget.select()}
        onInput={(event) => set(Number(event.currentTarget.value.replace(/\D/g, '')))}
      />
      <button type="button" class="btn" aria-label={t.oneMore} onClick={() => set(value + 1)}>
        ＋
      </button>
    </div>
  );
}
