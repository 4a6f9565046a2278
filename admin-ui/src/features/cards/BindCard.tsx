import { Button, Form, Input, Select } from 'antd';
import type { TFunction } from 'i18next';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CardFields, type CardValues, cardInput, cardProblems, noCard } from '@/components/CardFields';
import { ErrorSentence, errorDetail, fieldError } from '@/components/ErrorSentence';
import { asApiError } from '@/lib/api/error';
import { isCode } from '@/lib/nextAction';
import { useNames } from '@/lib/queries';
import { type SavedCard, useBindCard, useCardAccounts, useConfirmCard } from './api';

/** Binds a card in two steps: the card, then the code that the payer receives. */
export function BindCard({ onClose }: { onClose: () => void }) {
  const [card, setCard] = useState<CardValues>(noCard);
  const [waiting, setWaiting] = useState<SavedCard>();
  if (waiting) return <CodeStep card={card} saved={waiting} onClose={onClose} />;
  return <CardStep card={card} setCard={setCard} onBound={setWaiting} onClose={onClose} />;
}

/** The second step after the first was left: nobody kept the card, so it is typed once more. */
export function GoOnBinding({ saved, onClose }: { saved: SavedCard; onClose: () => void }) {
  const [card, setCard] = useState<CardValues>({ ...noCard, type: saved.card_type === 'credit' ? 'credit' : 'debit' });
  return <CodeStep card={card} setCard={setCard} saved={saved} onClose={onClose} />;
}

function CardStep({ card, setCard, onBound, onClose }: { card: CardValues; setCard: (card: CardValues) => void; onBound: (saved: SavedCard) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const accounts = useCardAccounts();
  const bind = useBindCard();
  const [userRef, setUserRef] = useState('');
  const [account, setAccount] = useState<string>();
  const [checked, setChecked] = useState(false);
  const id = useId();
  const problems = cardProblems(card);
  const userError = checked && !userRef.trim() ? t('till.problems.required') : fieldError(t, bind.error, '/user_ref');
  const errors = cardErrors(t, problems, checked, bind.error);
  const told = Boolean(userError) || Object.values(errors).some(Boolean);

  const submit = () => {
    setChecked(true);
    if (bind.isPending || !userRef.trim() || Object.keys(problems).length > 0) return;
    bind.mutate({ user_ref: userRef.trim(), card: cardInput(card), ...(account ? { account_id: account } : {}) }, { onSuccess: onBound });
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="bind-form">
      <p className="zg-muted zg-modal-lead">{t('cards.bindLead')}</p>
      {accounts.length > 1 && (
        <Form.Item label={t('cards.provider')} htmlFor={`${id}account`}>
          <Select id={`${id}account`} value={account ?? accounts[0]!.id} onChange={setAccount} options={accounts.map((a) => ({ value: a.id, label: `${names.provider(a.provider)} · ${a.name}` }))} />
        </Form.Item>
      )}
      <Form.Item label={t('cards.userRef')} htmlFor={`${id}user`} extra={t('cards.userRefHint')} {...(userError ? { validateStatus: 'error' as const, help: userError } : {})}>
        <Input id={`${id}user`} value={userRef} maxLength={64} autoFocus autoComplete="off" onChange={(e) => setUserRef(e.target.value)} />
      </Form.Item>
      <CardFields value={card} onChange={setCard} errors={errors} />
      {Boolean(bind.error) && !told && <Form.Item><ErrorSentence error={bind.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={bind.isPending}>{t('cards.sendCode')}</Button>
      </div>
    </Form>
  );
}

interface CodeStepProps {
  card: CardValues;
  /** Given where the card has to be typed here. */
  setCard?: (card: CardValues) => void;
  saved: SavedCard;
  onClose: () => void;
}

function CodeStep({ card, setCard, saved, onClose }: CodeStepProps) {
  const { t } = useTranslation();
  const confirm = useConfirmCard();
  const [code, setCode] = useState('');
  const [checked, setChecked] = useState(false);
  const id = useId();
  const problems = cardProblems(card);
  const refused = asApiError(confirm.error).code === 'provider_refused';
  const problem = (checked && !isCode(code) && t('nextStep.codeForm')) || (refused && `${t('nextStep.codeRefused')} ${errorDetail(asApiError(confirm.error)) ?? ''}`) || undefined;
  const errors = cardErrors(t, problems, checked, confirm.error);
  const told = refused || Object.values(errors).some(Boolean);
  const changed = () => {
    setChecked(false);
    if (confirm.error) confirm.reset();
  };
  const submit = () => {
    setChecked(true);
    if (confirm.isPending || !isCode(code) || Object.keys(problems).length > 0) return;
    confirm.mutate({ id: saved.id, code, card: cardInput(card) }, { onSuccess: onClose });
  };
  return (
    <Form layout="vertical" requiredMark={false} onFinish={submit} data-testid="bind-code-form">
      <p className="zg-modal-lead">{t(setCard ? 'cards.goOnLead' : 'cards.codeSent', { phone: saved.phone, card: saved.masked })}</p>
      {setCard && <CardFields value={card} onChange={(typed) => { setCard(typed); changed(); }} errors={errors} />}
      <Form.Item label={t('nextStep.codeLabel')} htmlFor={id} {...(problem ? { validateStatus: 'error' as const, help: problem } : {})}>
        <Input id={id} value={code} inputMode="numeric" autoComplete="one-time-code" maxLength={12} autoFocus={!setCard} onChange={(e) => { setCode(e.target.value.replaceAll(/\s/g, '')); changed(); }} />
      </Form.Item>
      {Boolean(confirm.error) && !told && <Form.Item><ErrorSentence error={confirm.error} /></Form.Item>}
      <div className="zg-actions zg-actions-end">
        <Button onClick={onClose}>{t('common.close')}</Button>
        <Button type="primary" htmlType="submit" loading={confirm.isPending}>{t('cards.confirm')}</Button>
      </div>
    </Form>
  );
}

type Problems = ReturnType<typeof cardProblems>;

/** The sentences beside a card's fields: what is wrong with them here, or by the server's word. */
function cardErrors(t: TFunction, problems: Problems, checked: boolean, error: unknown): Partial<Record<keyof Problems, string>> {
  const of = (field: keyof Problems) => (checked && problems[field] ? t(`till.problems.${problems[field]}`) : fieldError(t, error, `card/${field}`) ?? fieldError(t, error, `card.${field}`));
  return { number: of('number'), expiry: of('expiry'), cvn2: of('cvn2'), holder_name: of('holder_name'), id_number: of('id_number'), phone: of('phone') };
}
