// cli.mjs WORD... - runs suites for tests/run; --needs prints their package groups; without words it lists the suites.
import * as table from '../../suites.mjs';
import { main } from './main.mjs';

process.exitCode = await main(table, process.argv.slice(2));
