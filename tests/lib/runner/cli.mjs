// cli.mjs WORD... - runs what tests/run was asked for; --needs prints which packages that takes, nothing lists all.
import * as table from '../../suites.mjs';
import { main } from './main.mjs';

process.exitCode = await main(table, process.argv.slice(2));
