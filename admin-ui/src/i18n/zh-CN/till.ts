import cards from './cards.json';
import members from './members.json';
import simulator from './simulator.json';
import till from './till.json';

/** What the pages of the counter say: taking payments, cards, members, and in dev the simulator. */
export default { ...till, ...cards, ...members, ...simulator };
