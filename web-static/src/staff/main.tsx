import { render } from 'preact';
import { getPref } from '../state/prefs';
import { App } from './app';
import { createModel } from './model';
import { setLook } from './sheets/connection-sheet';
import { startLanguage } from './text';

startLanguage();
if (getPref('look') === 'light') setLook('light');

const model = createModel();
for (const event of ['pointerup', 'pointercancel', 'blur']) addEventListener(event, model.unfreezeSoon, true);
render(<App model={model} />, document.body);
model.start();
