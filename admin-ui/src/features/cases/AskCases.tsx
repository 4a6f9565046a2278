import { AskDialog } from '@/components/AskDialog';
import { type Case, useAskCases } from './api';
import { CaseAmount, CaseObject, CaseStatus } from './Case';

export interface AskCasesProps {
  cases: Case[];
  onClose: () => void;
}

/** Asks the providers about several orders in doubt. */
export default function AskCases({ cases, onClose }: AskCasesProps) {
  const ask = useAskCases();
  return (
    <AskDialog
      rows={cases}
      ask={(c) => ask.mutateAsync(c)}
      rowKey={(c) => c.id}
      what={(c) => <><CaseObject value={c} /> <CaseAmount value={c} /></>}
      outcome={(d) => <CaseStatus value={d.case} />}
      onClose={onClose}
    />
  );
}
