// The document and the program list the same routes for the same roles.
import { test } from '../lib/test.mjs';
import { contract } from '../lib/contract.mjs';
import { checkForm, checkRoutes } from '../lib/document.mjs';

const api = contract('firmware/api/openapi.json');

test('the route table is the document', () => checkRoutes(api, 'boothd', 'x-role'));

test('every reference resolves, every operation has a name of its own, every request body refuses what it does not know, every example is one',
  () => checkForm(api, 'x-role', ['none', 'staff', 'manager']));
