import payouts from './payouts.json';

/** What the pages about payouts and their files say. */
export default { ...payouts };
