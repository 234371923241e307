import { render } from 'preact';
import { getPref } from '../state/prefs';
import { App } from './app';
import { createModel } from './model';
import { setTheme } from './sheets/connection-sheet';
import { initLanguage } from './text';

initLanguage();
if (getPref('look') === 'light') setTheme('light');

const model = createModel();
for (const event of ['pointerup', 'pointercancel', 'blur']) addEventListener(event, model.unfreezeSoon, true);
render(<App model={model} />, document.body);
model.start();
