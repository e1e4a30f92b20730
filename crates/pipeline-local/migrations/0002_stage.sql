-- How far a file that is being rendered has come. NULL is the beginning, which is also all that a release
-- without this column tells.
ALTER TABLE files ADD COLUMN stage TEXT;
