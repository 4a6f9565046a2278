import { useId, type ReactNode } from 'react';

interface FieldProps {
  label: string;
  hint?: string;
  error?: string;
  children: (props: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean; status?: 'error' }) => ReactNode;
  /** A fixed id for the input, where one is needed from outside. */
  id?: string;
}

/** A labelled input without antd's Form, for the sign-in page, which is to load fast. */
export function Field({ label, hint, error, children, id }: FieldProps) {
  const own = useId();
  const inputId = id ?? own;
  const note = error ?? hint;
  return (
    <div className="zg-field">
      <label htmlFor={inputId}>{label}</label>
      {children({ id: inputId, ...(note ? { 'aria-describedby': `${inputId}-note` } : {}), ...(error ? { 'aria-invalid': true, status: 'error' } : {}) })}
      {note && (
        <div id={`${inputId}-note`} className={error ? 'zg-tone-bad' : 'zg-muted'} role={error ? 'alert' : undefined}>
          {note}
        </div>
      )}
    </div>
  );
}
