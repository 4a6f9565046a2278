import { UserOutlined } from '@ant-design/icons';
import { Button, Dropdown, type MenuProps } from 'antd';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { languageItems, themeItems } from '@/components/preferenceItems';
import { type Language, setPreferences, type ThemeChoice, usePreferences } from '@/lib/preferences';
import { useSession } from '@/lib/session';
import { usePhone } from '@/lib/viewport';

/** Profile, language, appearance and signing out. */
export function UserMenu() {
  const { t } = useTranslation();
  const { me, signOut } = useSession();
  const { language, theme } = usePreferences();
  const navigate = useNavigate();
  const phone = usePhone();

  const items: MenuProps['items'] = [
    { key: 'profile', label: t('nav.profile') },
    { type: 'divider' },
    { type: 'group', label: t('top.language'), children: languageItems() },
    { type: 'group', label: t('top.theme'), children: themeItems(t) },
    { type: 'divider' },
    { key: 'signOut', label: t('top.signOut'), danger: true },
  ];
  const choose: MenuProps['onClick'] = ({ key }) => {
    const [kind, value] = key.split(':');
    if (kind === 'language') setPreferences({ language: value as Language });
    else if (kind === 'theme') setPreferences({ theme: value as ThemeChoice });
    else if (kind === 'profile') void navigate('/profile');
    else if (kind === 'signOut') void signOut();
  };
  return (
    <Dropdown menu={{ items, onClick: choose, selectedKeys: [`language:${language}`, `theme:${theme}`] }} trigger={['click']} placement="bottomRight">
      <Button icon={<UserOutlined aria-hidden="true" />} aria-label={t('top.userMenu')} data-testid="user-menu">
        {!phone && <span className="zg-clip zg-user-name">{me.user?.name}</span>}
      </Button>
    </Dropdown>
  );
}
