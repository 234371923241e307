import { render } from 'preact';
import { preferredTheme, showTheme } from '../state/prefs';
import { App } from './app';
import { createModel } from './model';
import { initLanguage } from './text';

initLanguage();
showTheme(preferredTheme());

const model = createModel();
for (const event of ['pointerup', 'pointercancel', 'blur']) addEventListener(event, model.unfreezeSoon, true);
render(<App model={model} />, document.body);
model.start();
