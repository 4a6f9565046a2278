import reconciliation from './reconciliation.json';
import settlement from './settlement.json';
import billImport from './billImport.json';

/** What the pages of the books say: reconciliation, settlement and bill files. */
export default { ...reconciliation, ...settlement, ...billImport };
