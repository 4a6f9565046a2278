import access from './access.json';
import profile from './profile.json';
import audit from './audit.json';

/** What the pages about people say: one's own, the team's, and who did what. */
export default { ...access, ...profile, ...audit };
