import { render } from 'preact';
import { recall } from '../lib/prefs';
import { App } from './app';
import { createModel } from './model';
import { setLook } from './path';
import { startLanguage } from './text';

/** A click comes a moment after the finger is up, and belongs to what was under it. */
const CLICK_MS = 60;

startLanguage();
if (recall('look') === 'light') setLook('light');

const model = createModel();
for (const event of ['pointerup', 'pointercancel', 'blur']) {
  addEventListener(event, () => setTimeout(model.release, CLICK_MS), true);
}
render(<App model={model} />, document.body);
model.start();
