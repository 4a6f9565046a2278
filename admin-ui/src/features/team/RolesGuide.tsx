import { Button, Drawer } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoleOptions } from './roles';
import { RoleMeaning } from './RoleMeaning';

/** Explains every role that can be given here. */
export function RolesGuide() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const roles = useRoleOptions();
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('access.guide')}</Button>
      <Drawer open={open} onClose={() => setOpen(false)} size={560} title={t('access.guide')}>
        <div className="zg-stack" data-testid="roles-guide">
          <p className="zg-muted">{t('access.guideLead')}</p>
          {roles.map((r) => (
            <section key={r.value} className="zg-once zg-stack-tight">
              <h3 className="zg-strong">{r.label}</h3>
              <p>{r.description}</p>
              <RoleMeaning permissions={r.permissions} />
            </section>
          ))}
        </div>
      </Drawer>
    </>
  );
}
