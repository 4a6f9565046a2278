-- Why the last check-in that the host made by itself brought nothing, for people to read.
-- +goose Up
ALTER TABLE check_in_watches ADD COLUMN failure text NOT NULL DEFAULT '';
GRANT UPDATE (failure) ON check_in_watches TO zhanggui_app;

-- +goose Down
ALTER TABLE check_in_watches DROP COLUMN failure;
