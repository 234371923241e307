// Where it is noon just now. A booth of the tests lives there: neither the night's work nor the change of the business date
// falls into a test, at whatever hour it is run.
const hours = 12 - new Date().getUTCHours(); // east of Greenwich; the names of these zones have it the other way round
export const noonZone = `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
