// The time zone where it is noon now, for the booths of tests: neither the nightly maintenance nor the change of the business
// date can fall into a test.
const hours = 12 - new Date().getUTCHours(); // east of Greenwich; the names of these zones have the opposite sign
export const noonZone = `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
