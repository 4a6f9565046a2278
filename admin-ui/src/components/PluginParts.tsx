import { Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Facts } from '@/components/Facts';
import { Section } from '@/components/Section';
import { StatusTag } from '@/components/StatusTag';
import type { Schemas } from '@/lib/api/client';
import { inLanguage } from '@/lib/schema';
import { usePhone } from '@/lib/viewport';

/** What a call of each capability may do, as a plugin asks for it. */
export function Grants({ manifest }: { manifest: Schemas['Manifest'] }) {
  const { t } = useTranslation();
  const phone = usePhone();
  return (
    <Section title={t('providers.permissions')} flush>
      <div className="zg-section-body zg-muted">
        {t('providers.permissionsHint')}
        <div className="zg-hosts">{t('providers.hosts')} {manifest.hosts.map((h) => <code key={h} className="zg-mono">{h}</code>)}</div>
      </div>
      {phone ? (
        <GrantCards manifest={manifest} />
      ) : (
        <Table<Schemas['Grant']>
          aria-label={t('providers.permissions')}
          size="small"
          pagination={false}
          rowKey={(g) => g.capability}
          dataSource={manifest.grants}
          columns={[
            { title: t('providers.capability'), key: 'capability', className: 'zg-nowrap', render: (_, g) => t(`timeline.operations.${g.capability}`, { defaultValue: g.capability }) },
            { title: t('providers.requests'), key: 'requests', render: (_, g) => g.requests.map((r) => <div key={r.method + r.path} className="zg-mono">{r.method} {r.path}</div>) },
            { title: t('providers.keys'), key: 'keys', render: (_, g) => <KeyList grant={g} /> },
            { title: t('providers.sends'), key: 'sends', align: 'right', className: 'zg-nowrap', render: (_, g) => <span className="zg-figures">{g.sends}</span> },
          ]}
        />
      )}
    </Section>
  );
}

function GrantCards({ manifest }: { manifest: Schemas['Manifest'] }) {
  const { t } = useTranslation();
  return (
    <ul className="zg-cards" aria-label={t('providers.permissions')}>
      {manifest.grants.map((g) => (
        <li key={g.capability} className="zg-cards-item">
          <div>
            <span className="zg-spread">
              <span className="zg-strong">{t(`timeline.operations.${g.capability}`, { defaultValue: g.capability })}</span>
              <span className="zg-muted zg-small">{t('providers.sends')} <span className="zg-figures">{g.sends}</span></span>
            </span>
            {g.requests.map((r) => <span key={r.method + r.path} className="zg-mono">{r.method} {r.path}</span>)}
            <div><KeyList grant={g} /></div>
          </div>
        </li>
      ))}
    </ul>
  );
}

function KeyList({ grant }: { grant: Schemas['Grant'] }) {
  const { t } = useTranslation();
  return (
    <>
      {grant.keys.map((k) => (
        <div key={k.name}><span className="zg-mono">{k.name}</span> <span className="zg-muted zg-small">{k.operations.join(', ')}</span></div>
      ))}
      {grant.reveal.length > 0 && <div className="zg-tone-waiting">{t('providers.reveals', { names: grant.reveal.join(', ') })}</div>}
      {grant.rotate.length > 0 && <div>{t('providers.rotates', { names: grant.rotate.join(', ') })}</div>}
    </>
  );
}

/** What a plugin offers. */
export function Products({ manifest }: { manifest: Schemas['Manifest'] }) {
  const { t, i18n } = useTranslation();
  return (
    <Section title={t('providers.products')}>
      <Facts
        facts={manifest.products.map((p) => ({
          label: inLanguage(p.name, i18n.language),
          wide: true,
          value: (
            <div className="zg-stack-tight">
              {p.methods.map((m) => (
                <div key={m.method}>
                  {inLanguage(m.name, i18n.language)} <span className="zg-muted zg-small">{m.channels.map((c) => inLanguage(c.name, i18n.language)).join(', ')}</span>
                </div>
              ))}
            </div>
          ),
        }))}
      />
    </Section>
  );
}

/** The kernel features that hold a plugin. */
export function Confinement({ layers }: { layers: Schemas['ConfinementLayer'][] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('providers.confinement')} flush>
      <ul className="zg-cards" data-testid="confinement">
        {layers.map((l) => (
          <li key={l.name} className="zg-cards-item">
            <div>
              <span className="zg-spread">
                <span className="zg-mono">{l.name}</span>
                <StatusTag tone={l.active ? 'good' : 'bad'}>{l.active ? t('providers.inForce') : t('providers.notInForce')}</StatusTag>
              </span>
              {l.reason && <span className="zg-muted zg-small">{l.reason}</span>}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
