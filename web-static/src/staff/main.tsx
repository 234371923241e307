import { render } from 'preact';
import { recall } from '../state/prefs';
import { App } from './app';
import { createModel } from './model';
import { setLook } from './sheets/connection-sheet';
import { startLanguage } from './text';

startLanguage();
if (recall('look') === 'light') setLook('light');

const model = createModel();
for (const event of ['pointerup', 'pointercancel', 'blur']) addEventListener(event, model.release, true);
render(<App model={model} />, document.body);
model.start();
