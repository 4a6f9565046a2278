import { SearchOutlined } from '@ant-design/icons';
import { Modal } from 'antd';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { Amount } from '@/components/Amount';
import { ErrorSentence } from '@/components/ErrorSentence';
import { PaymentStatus, RefundStatus } from '@/components/states';
import { useSession } from '@/lib/session';
import { type Entry, type EntryGroup, useEntries, useRecent } from './paletteEntries';
import './palette.css';

// A scanner and a paste are there at once; what is typed is looked up when the fingers rest.
const REST_MS = 200;

/** One box that finds any number, every page, and merchants; Enter on the only number found opens it. */
export default function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open={open} onCancel={onClose} footer={null} closable={false} destroyOnHidden width={640} className="zg-palette" style={{ top: 'min(14vh, 120px)' }} title={<span className="zg-sr-only">{t('palette.title')}</span>}>
      <Finder onClose={onClose} />
    </Modal>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { me, tenantId } = useSession();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const text = typed.trim();
  const looked = useRested(text);
  const { groups: found, pending, error } = useEntries(looked);
  const { recent, remember } = useRecent();
  const [chosen, setChosen] = useState(0);
  // Enter was pressed before the answer came: it opens what comes.
  const hurry = useRef(false);

  const groups: EntryGroup[] = (text === '' ? [{ kind: 'recent' as const, entries: recent }] : found).filter((g) => g.entries.length > 0);
  const entries = groups.flatMap((group) => group.entries);
  const at = Math.min(chosen, entries.length - 1);
  const current = text === looked && !pending;

  const go = (entry: Entry) => {
    remember(entry);
    onClose();
    void navigate(entry.to);
  };
  useEffect(() => {
    if (!hurry.current || !current) return;
    hurry.current = false;
    if (entries[at]) go(entries[at]);
  });
  useEffect(() => input.current?.focus(), []);

  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return; // Enter ends the input method's word
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (entries.length > 0) setChosen((at + step + entries.length) % entries.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (current && entries[at]) go(entries[at]);
      else hurry.current = text !== '';
    }
  };

  let index = 0;
  return (
    <>
      <div className="zg-palette-box">
        <SearchOutlined aria-hidden="true" />
        <input
          ref={input}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(0);
            hurry.current = false;
          }}
          onKeyDown={onKey}
          role="combobox"
          aria-expanded={entries.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
          aria-label={t('top.searchLabel')}
          placeholder={t(me.platform && !tenantId ? 'palette.placeholderPlatform' : 'palette.placeholder')}
          maxLength={64}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="search"
          data-testid="search"
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={t('palette.title')} className="zg-palette-list">
        {groups.map((group) => (
          <div key={group.kind} role="group" aria-label={t(`palette.${group.kind}`)}>
            <div className="zg-palette-title" aria-hidden="true">{t(`palette.${group.kind}`)}</div>
            {group.entries.map((entry) => {
              const mine = index++;
              return <Option key={entry.to} id={`${id}-${mine}`} entry={entry} chosen={mine === at} onChoose={() => go(entry)} onPoint={() => setChosen(mine)} />;
            })}
          </div>
        ))}
      </div>
      {text !== '' && current && entries.length === 0 && (error ? <ErrorSentence error={error} /> : <Nothing title={t('palette.none', { text })} hint={t('palette.noneHint')} />)}
      {text === '' && entries.length === 0 && <Nothing title={t('palette.empty')} hint={t('palette.emptyHint')} />}
      <div className="zg-palette-foot">
        <span aria-hidden="true">{t('palette.keys')}</span>
        <span role="status">{text === '' ? '' : current ? t('palette.count', { count: entries.length }) : t('palette.searching')}</span>
      </div>
    </>
  );
}

function Nothing({ title, hint }: { title: string; hint: string }) {
  return (
    <div className="zg-palette-none" data-testid="palette-none">
      <p className="zg-strong">{title}</p>
      <p className="zg-muted">{hint}</p>
    </div>
  );
}

function Option({ id, entry, chosen, onChoose, onPoint }: { id: string; entry: Entry; chosen: boolean; onChoose: () => void; onPoint: () => void }) {
  const { t } = useTranslation();
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    // The keys are the box's: it keeps the focus.
    <div ref={line} id={id} role="option" aria-selected={chosen} className="zg-palette-option" onClick={onChoose} onMouseMove={onPoint} data-testid="palette-option">
      {entry.kind && <span className="zg-palette-kind">{t(`palette.kind.${entry.kind}`)}</span>}
      <span className="zg-palette-text">
        <span className={entry.kind ? 'zg-mono' : undefined}>{entry.label}</span>
        {entry.note && <span className="zg-muted zg-small">{entry.note}</span>}
      </span>
      {entry.fen !== undefined && <Amount fen={entry.fen} />}
      {entry.payment && <PaymentStatus value={entry.payment} />}
      {entry.refund && <RefundStatus value={entry.refund} />}
    </div>
  );
}

/** The text when it has not changed for a moment. */
function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
