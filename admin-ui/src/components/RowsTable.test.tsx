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

const sorts = { usual: 'newest', of: { made: ['newest', 'oldest'], amount: ['largest', 'smallest'] } } as const;

it('is ordered by the heading that is clicked, and turned round by a second click; the address says how, and begins a first page', async () => {
  const columns = [{ key: 'made', title: 'Made' }, { key: 'amount', title: 'Amount' }, { key: 'name', title: 'Name' }];
  const router = createMemoryRouter([{ path: '/', element: <RowsTable title="Rows" columns={columns} rows={[{ id: '1' }]} rowKey={(row) => row.id} sorts={sorts} /> }], { initialEntries: ['/?state=failed&cursor=c'] });
  render(<RouterProvider router={router} />);
  const order = () => screen.getAllByRole('columnheader').map((th) => th.getAttribute('aria-sort'));
  expect(order()).toEqual(['descending', null, null]);
  expect(screen.queryByRole('button', { name: 'Name' })).toBeNull();
  for (const [heading, address, by] of [
    ['Amount', '?state=failed&sort=largest', [null, 'descending', null]],
    ['Amount', '?state=failed&sort=smallest', [null, 'ascending', null]],
    ['Made', '?state=failed', ['descending', null, null]],
    ['Made', '?state=failed&sort=oldest', ['ascending', null, null]],
  ] as const) {
    await userEvent.click(screen.getByRole('button', { name: heading }));
    expect(router.state.location.search).toBe(address);
    expect(order()).toEqual(by);
  }
});
