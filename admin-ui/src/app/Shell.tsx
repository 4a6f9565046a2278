import { MenuOutlined } from '@ant-design/icons';
import { Drawer } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink } from 'react-router';
import { Logo } from '@/components/Logo';
import { useOffered } from '@/lib/offered';
import { useMay } from '@/lib/permissions';
import { useSession } from '@/lib/session';
import { usePhone } from '@/lib/viewport';
import { AlertBell } from './AlertBell';
import { LiveUpdates } from './LiveUpdates';
import { type MenuGroup, menuFor } from './menu';
import { NavBadge } from './NavBadge';
import { SearchBox } from './SearchBox';
import { MerchantSwitch } from './MerchantSwitch';
import { UserMenu } from './UserMenu';

/** The frame around every signed-in page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { me, tenantId } = useSession();
  const may = useMay();
  const phone = usePhone();
  const groups = menuFor(may, tenantId, useOffered());
  return (
    <div className="zg-shell">
      <a className="zg-skip" href="#content">
        {t('common.skip')}
      </a>
      {!phone && (
        <div className="zg-side">
          <Navigation groups={groups} brand />
        </div>
      )}
      <div className="zg-main">
        {me.test_mode && (
          <div className="zg-test" role="status" data-testid="test-mode">
            {t('top.testMode')}
          </div>
        )}
        <header className="zg-top">
          <MerchantSwitch />
          <div className="zg-top-fill" />
          {may('search:read') && <SearchBox />}
          <AlertBell />
          <UserMenu />
        </header>
        <LiveUpdates />
        <main id="content" className="zg-content" tabIndex={-1}>
          {children}
        </main>
      </div>
      {phone && <TabBar groups={groups} />}
    </div>
  );
}

function Brand() {
  const { t } = useTranslation();
  return (
    <Link to="/" className="zg-brand">
      <Logo />
      <span>
        {t('brand.name')}
        <small>{t('brand.sub')}</small>
      </span>
    </Link>
  );
}

function Navigation({ groups, onChoose, brand }: { groups: MenuGroup[]; onChoose?: () => void; brand?: boolean }) {
  const { t } = useTranslation();
  return (
    <nav className="zg-nav" aria-label={t('nav.label')}>
      {brand && <Brand />}
      {groups.map((group) => (
        <div className="zg-nav-group" key={group.title ?? 'top'}>
          {group.title && <div className="zg-nav-title">{t(group.title)}</div>}
          <ul>
            {group.items.map((item) => (
              <li key={item.to}>
                <NavLink to={item.to} end={item.end} onClick={onChoose}>
                  {item.icon}
                  {t(item.label)}
                  {item.badge && <NavBadge />}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

/** On a phone: the first four pages under the thumb, the rest in a drawer. */
function TabBar({ groups }: { groups: MenuGroup[] }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const items = groups.flatMap((group) => group.items).slice(0, 4);
  return (
    <>
      <nav className="zg-tabbar" aria-label={t('nav.menu')}>
        {items.map((item) => (
          <NavLink key={item.to} to={item.to} end={item.end}>
            {item.icon}
            {t(item.label)}
          </NavLink>
        ))}
        <button type="button" onClick={() => setOpen(true)} aria-expanded={open}>
          <MenuOutlined aria-hidden="true" />
          {t('nav.more')}
        </button>
      </nav>
      <Drawer open={open} onClose={() => setOpen(false)} placement="right" size={280} title={t('nav.menu')}>
        <Navigation groups={groups} onChoose={() => setOpen(false)} />
      </Drawer>
    </>
  );
}
