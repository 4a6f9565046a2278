import balances from './balances.json';
import system from './system.json';

/** What the pages of figures say: balances, how providers answer, the system. */
export default { ...balances, ...system };
