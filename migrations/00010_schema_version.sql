-- Which migrations were applied, for the programs that do not migrate: doctor compares.

-- +goose Up

GRANT SELECT ON goose_db_version TO zhanggui_app;
