import { SearchOutlined } from '@ant-design/icons';
import { App, Input, type InputRef, Modal } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { Amount } from '@/components/Amount';
import { errorSentence } from '@/components/ErrorSentence';
import { PaymentStatus, RefundStatus } from '@/components/states';
import { api, call, type Schemas } from '@/lib/api/client';
import { asApiError } from '@/lib/api/error';

/** One box that finds any number; exactly one hit opens at once. Ctrl or ⌘ K goes there. */
export function SearchBox() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const input = useRef<InputRef>(null);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Schemas['SearchResult'] | null>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        input.current?.focus({ cursor: 'all' });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const search = async () => {
    const number = text.trim();
    if (!number || busy) return;
    setBusy(true);
    try {
      const result = await call(() => api.GET('/v1/search', { params: { query: { number } } }));
      const links = [...result.payments.map((p) => `/orders/${p.id}`), ...result.refunds.map((r) => `/refunds/${r.id}`)];
      if (links.length === 0) void message.warning(t('top.searchNone', { number }));
      else if (links.length === 1) void navigate(links[0]!);
      else setFound(result);
    } catch (error) {
      void message.error(errorSentence(t, asApiError(error)));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form role="search" className="zg-top-search" onSubmit={(event) => { event.preventDefault(); void search(); }}>
      <Input
        ref={input}
        value={text}
        onChange={(e) => setText(e.target.value)}
        prefix={<SearchOutlined aria-hidden="true" />}
        placeholder={t('top.searchPlaceholder')}
        aria-label={t('top.searchLabel')}
        data-testid="search"
        maxLength={128}
        allowClear
        enterKeyHint="search"
      />
      <Modal open={found !== null} footer={null} title={t('top.searchMany', { count: (found?.payments.length ?? 0) + (found?.refunds.length ?? 0) })} onCancel={() => setFound(null)}>
        <ul className="zg-cards">
          {found?.payments.map((p) => (
            <li key={p.id} className="zg-cards-item">
              <Link to={`/orders/${p.id}`} onClick={() => setFound(null)}>
                <span className="zg-spread"><span className="zg-mono">{p.order_no}</span><PaymentStatus value={p} /></span>
                <span className="zg-spread"><span>{p.subject}</span><Amount fen={p.amount} /></span>
              </Link>
            </li>
          ))}
          {found?.refunds.map((r) => (
            <li key={r.id} className="zg-cards-item">
              <Link to={`/refunds/${r.id}`} onClick={() => setFound(null)}>
                <span className="zg-spread"><span className="zg-mono">{r.refund_no}</span><RefundStatus value={r} /></span>
                <span className="zg-spread"><span>{r.reason}</span><Amount fen={r.amount} /></span>
              </Link>
            </li>
          ))}
        </ul>
      </Modal>
    </form>
  );
}
