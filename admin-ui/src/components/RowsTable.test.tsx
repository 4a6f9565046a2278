import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createPortal } from 'react-dom';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, expect, it } from 'vitest';
import { RowsTable } from './RowsTable';

afterEach(cleanup);

function table() {
  const columns = [
    { key: 'name', title: 'Name', render: () => <span>cell</span> },
    { key: 'do', title: 'Do', render: () => createPortal(<div>menu</div>, document.body) },
  ];
  const list = <RowsTable title="Rows" columns={columns} rows={[{ id: '1' }]} rowKey={(row) => row.id} rowLink={() => '/one'} />;
  render(<RouterProvider router={createMemoryRouter([{ path: '/', element: list }, { path: '/one', element: <p>opened</p> }])} />);
}

it('opens a row by a click anywhere in it', async () => {
  table();
  await userEvent.click(screen.getByText('cell'));
  await screen.findByText('opened');
});

it('stays where it is when something is chosen in a menu that a row has opened', async () => {
  table();
  await userEvent.click(screen.getByText('menu'));
  expect(screen.queryByText('opened')).toBeNull();
});
